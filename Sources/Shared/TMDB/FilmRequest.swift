/// The requests for one film: find and credits, each repeated until TMDB has given a final response.
struct FilmRequest {
  let fetcher: FilmFetcher
  let timeBudget: TimeBudget

  /// How often find is asked for a film whose credits turn out to be another film's.
  private static let findsMax = 2

  private var api: any TMDBAPI { fetcher.api }
  private var requests: RepeatedRequest { RepeatedRequest(fetcher: fetcher, timeBudget: timeBudget) }

  /// - Parameter known: the film's TMDB id, if an earlier run knew it.
  /// - Throws: `OutOfTime`, `TMDBFailure`, `CancellationError`.
  func credits(of id: String, known: Int?) async throws -> FilmOutcome {
    if let film = fetcher.tmdbID(of: id) ?? known {
      switch try await credits(ofFound: film) {
      case .accepted(nil, let body): return .credits(body)
      case .failed(let reason): return .failed(reason: reason)
      // TMDB has deleted or merged the film since an earlier hop or run found it.
      case .notFound, .accepted: fetcher.noteFound(id, as: nil)
      }
    }
    if fetcher.lookup == .direct {
      let direct = try await requests.send(
        { try await api.credits(id, timeout: $0) }, accept: Self.creditsCheck(of: nil))
      switch direct {
      case .accepted(_, let body): return .credits(body)
      case .failed(let reason): return .failed(reason: reason)
      case .notFound: break
      }
    }
    var lastError: ResponseError?
    for _ in 0..<Self.findsMax {
      switch try await requests.send(
        { try await api.find(id, timeout: $0) }, accept: FindResponse.movieID(in:))
      {
      case .notFound: throw TMDBFailure.notTMDB(server: api.baseURL, film: id)
      case .failed(let reason): return .failed(reason: reason)
      case .accepted(nil, _): return .absent
      case .accepted(let film?, _):
        fetcher.noteFound(id, as: film)
        switch try await credits(ofFound: film) {
        case .notFound: return .absent
        case .failed(let reason): return .failed(reason: reason)
        case .accepted(nil, let body): return .credits(body)
        case .accepted(let otherFilm?, _): lastError = otherFilm
        }
      }
    }
    let reason = lastError.map { "\($0)" } ?? "TMDB's response is for another film"
    return .failed(reason: "\(reason), also after find was asked again. TMDB may have merged the two films")
  }

  private func credits(ofFound film: Int) async throws -> RequestOutcome<ResponseError?> {
    try await requests.send(
      { try await api.credits("\(film)", timeout: $0) }, accept: Self.creditsCheck(of: film))
  }

  /// A check of responses to credits. It returns an error if the response is valid but for another film: TMDB merges
  /// films, so the id that find returned can be out of date, and a retry of the same request would not help.
  static func creditsCheck(
    of film: Int?
  ) -> (UnsafeRawBufferPointer) throws(ResponseError) -> ResponseError? {
    { body throws(ResponseError) in
      do throws(ResponseError) {
        try CreditsResponse.check(body, expectedID: film)
        return nil
      } catch {
        guard case .otherFilm = error else { throw error }
        return error
      }
    }
  }
}
