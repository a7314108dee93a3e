/// A sample of films, with which `"lookup": "auto"` finds out whether credits by IMDb id are those by TMDB id.
package enum LookupSample {
  /// Films to compare. If the two differ for one film in ten, 60 films miss it with a chance of 0.9^60, or 0.2 %.
  package static let films = 60
  /// Requests per compared film: find, and credits by either id.
  package static let requestsPerFilm = 3
  /// A sample costs this many requests. It can save one per film, so with fewer films to look up there is none.
  package static let requests = films * requestsPerFilm

  /// The decision without a sample, because it would cost more than it can save.
  package static func tooFew(films: Int) -> DispatcherResponse.LookupTaken {
    .init(
      .find,
      reason:
        "A sample takes \(requests) requests, which is more than it can save: films to look up: \(films).")
  }

  /// Which films to compare: twice as many as needed, because TMDB does not have every film. Both halves are spread
  /// over all films.
  /// - Parameter count: the number of films.
  /// - Returns: distinct indexes of films; all of them if there are too few.
  static func candidates(of count: Int) -> [Int] {
    guard count > 2 * films else { return Array(0..<count) }
    return (0..<2 * films).map { index in
      // The second half lies between the films of the first.
      let (half, position) = index.quotientAndRemainder(dividingBy: films)
      return (2 * position + half) * count / (2 * films)
    }
  }
}

extension FilmFetcher {
  /// Films that are compared at the same time. The sample ends with the first difference.
  private static let comparedMax = 12

  /// Compares both kinds of lookup for a sample of films.
  /// - Parameters:
  ///   - films: IMDb ids of all films that have to be looked up.
  ///   - timeBudget: a sample that takes longer decides for `find`.
  /// - Throws: `TMDBFailure` if no film can be fetched at all; `CancellationError`.
  package func chooseLookup(
    for films: [String], timeBudget: TimeBudget
  ) async throws -> DispatcherResponse.LookupTaken {
    let sample = LookupSample.films
    guard films.count > LookupSample.requests else { return LookupSample.tooFew(films: films.count) }
    var candidates = LookupSample.candidates(of: films.count).map { films[$0] }[...]
    var compared = 0
    do {
      while compared < sample, !candidates.isEmpty {
        let batch = Array(candidates.prefix(min(Self.comparedMax, sample - compared)))
        candidates = candidates.dropFirst(batch.count)
        for comparison in try await BoundedFanOut.map(
          batch, limit: inFlightMax,
          { id in
            try await self.compare(id, timeBudget)
          })
        {
          switch comparison {
          case .same: compared += 1
          case .absent: break
          case .different(let reason): return .init(.find, reason: reason)
          }
        }
      }
    } catch is OutOfTime {
      return .init(
        .find, reason: "The dispatcher's time did not suffice to compare both ways for \(sample) films.")
    }
    guard compared == sample else {
      return .init(
        .find,
        reason:
          "TMDB has only \(compared) of the films in a sample, and \(sample) are needed to compare both "
          + "ways.")
    }
    return .init(
      .direct, reason: "Both ways returned the same bytes for \(sample) films spread over the selection.")
  }

  private enum Comparison: Sendable {
    case same
    case absent
    /// - Parameter reason: a sentence.
    case different(reason: String)
  }

  private func compare(_ id: String, _ timeBudget: TimeBudget) async throws -> Comparison {
    let requests = RepeatedRequest(fetcher: self, timeBudget: timeBudget)
    let film: Int
    switch try await requests.send(
      { try await self.api.find(id, timeout: $0) }, accept: FindResponse.movieID(in:))
    {
    case .notFound: throw TMDBFailure.notTMDB(server: api.baseURL, film: id)
    case .failed(let reason): return .different(reason: "Find failed for \(id): \(reason).")
    case .accepted(nil, _): return .absent
    case .accepted(let found?, _): film = found
    }
    let documented: [UInt8]
    switch try await requests.send(
      { try await self.api.credits("\(film)", timeout: $0) }, accept: FilmRequest.creditsCheck(of: film))
    {
    case .accepted(nil, let body): documented = body
    // Deleted or merged since find listed it.
    case .notFound, .accepted: return .absent
    case .failed(let reason): return .different(reason: "Credits failed for \(id): \(reason).")
    }
    switch try await requests.send(
      { try await self.api.credits(id, timeout: $0) }, accept: FilmRequest.creditsCheck(of: nil))
    {
    case .accepted(_, let body) where body == documented: return .same
    case .accepted: return .different(reason: "Credits by IMDb id and by TMDB id differ for \(id).")
    case .notFound:
      return .different(reason: "TMDB responded 404 to credits by IMDb id for \(id), which find has.")
    case .failed(let reason):
      return .different(reason: "Credits by IMDb id failed for \(id): \(reason).")
    }
  }
}
