/// Why a run with `"refresh": "changed"` keeps or fetches its films: how many films each reason applies to. Each film
/// counts once.
package struct RefreshCounts: Codable, Equatable, Sendable {
  /// Copied from the base.
  package var kept = 0
  /// TMDB's list of changes contains the film, or the list was not available.
  package var changed = 0
  /// The base does not have the film.
  package var new = 0
  /// The response is older than `maxAgeDays` allows.
  package var due = 0
  /// The base has no credits of the film, because it was absent from TMDB or failed.
  package var absent = 0
  /// Should have been kept, but was fetched because the base's data file was gone or had changed. In a plan,
  /// only films whose file was gone when the run was planned.
  package var lost = 0

  package init() {}

  /// Films that TMDB is asked for.
  package var fetched: Int { changed + new + due + absent + lost }

  package static func + (left: RefreshCounts, right: RefreshCounts) -> RefreshCounts {
    var sum = left
    for count in Self.all { sum[keyPath: count] = left[keyPath: count].saturatedSum(right[keyPath: count]) }
    return sum
  }

  private static var all: [WritableKeyPath<RefreshCounts, Int>] {
    [\.kept, \.changed, \.new, \.due, \.absent, \.lost]
  }
}

extension Lookup {
  /// The number of requests to TMDB for the films that a run fetches, if all are answered at the first attempt.
  package func expectedRequests(_ counts: RefreshCounts) -> Int {
    // The base knows the TMDB id of most films, so that one request is enough. Most films that were absent from the base
    // still are. Find is the last request for them.
    let perAbsentFilm = self == .find ? 1 : 2
    return counts.changed.saturatedSum(counts.due).saturatedSum(counts.lost)
      .saturatedSum(counts.new.saturatedProduct(requestsPerFilm))
      .saturatedSum(counts.absent.saturatedProduct(perAbsentFilm))
  }
}
