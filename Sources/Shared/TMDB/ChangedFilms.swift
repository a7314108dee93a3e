/// TMDB's list of changed films over any number of days.
package enum ChangedFilms: Equatable, Sendable {
  /// TMDB ids of the changed films.
  case films(Set<Int>)
  /// The list could not be read completely. The reason is a phrase without a period at its end.
  case unavailable(reason: String)
}

extension FilmFetcher {
  /// Reads which films TMDB has changed, with every page of every window, within the fetcher's rate.
  /// - Parameters:
  ///   - first, last: the first and the last day, both included.
  ///   - timeBudget: a list that takes longer is unavailable.
  /// - Throws: `TMDBFailure` if TMDB refuses the token; `CancellationError`.
  package func changedFilms(
    from first: UnixDay, through last: UnixDay, timeBudget: TimeBudget
  ) async throws -> ChangedFilms {
    var windows = ChangeWindows(from: first, through: last)
    var films: Set<Int> = []
    do {
      while let window = windows.next() {
        let page = try await changes(in: window, page: 1, timeBudget)
        films.formUnion(page.films)
        let rest = try windows.pagesAfterFirst(of: window, pages: page.totalPages, entries: page.totalEntries)
        // A window has up to 1,000 pages. Only the ids of some are in memory besides the set.
        for start in stride(from: rest.lowerBound, to: rest.upperBound, by: Self.inFlightMax) {
          let numbers = Array(start..<min(start + Self.inFlightMax, rest.upperBound))
          let pages = try await BoundedFanOut.map(numbers, limit: inFlightMax) {
            try await self.changes(in: window, page: $0, timeBudget).films
          }
          for page in pages { films.formUnion(page) }
        }
      }
      return .films(films)
    } catch is OutOfTime {
      return .unavailable(reason: "the dispatcher's time does not suffice for all of its pages")
    } catch let error as TooManyChanges {
      return .unavailable(reason: "\(error)")
    } catch let error as ListUnavailable {
      return .unavailable(reason: error.reason)
    } catch let error as TMDBFailure {
      guard case .blocked(_, _, let reason) = error else { throw error }
      return .unavailable(reason: reason)
    }
  }

  /// A page's request has failed for good.
  private struct ListUnavailable: Error { let reason: String }

  private func changes(
    in window: ChangeWindows.Window, page: Int, _ timeBudget: TimeBudget
  ) async throws -> ChangesResponse {
    let outcome = try await RepeatedRequest(fetcher: self, timeBudget: timeBudget).send(
      { try await self.api.changes(window, page: page, timeout: $0) },
      accept: { body throws(ResponseError) in try ChangesResponse(body, page: page) })
    switch outcome {
    case .accepted(let changes, _): return changes
    case .notFound: throw ListUnavailable(reason: "\(api.baseURL) responded 404 Not Found")
    case .failed(let reason): throw ListUnavailable(reason: reason)
    }
  }
}
