/// How `requestsPerSecond` is distributed among the workers of a run.
package enum RateScope: String, Codable, CaseIterable, Sendable {
  /// The whole run has `requestsPerSecond`, divided among the workers.
  case run
  /// Each worker has `requestsPerSecond` to itself.
  case worker
  /// Each worker starts at its share of `requestsPerSecond` and finds its own ceiling, at most `requestsPerSecond`.
  case adaptive
}

/// How a film's credits are requested.
package enum Lookup: String, Codable, CaseIterable, Sendable {
  /// TMDB's two documented calls: find by IMDb id, then credits by TMDB id.
  case find
  /// One call, credits by IMDb id. If it returns 404, the two calls of `find`.
  case direct

  /// Requests per film in the normal case.
  package var requestsPerFilm: Int {
    switch self {
    case .find: 2
    case .direct: 1
    }
  }
}

/// How an event asks for films' credits: one of the two ways, or whichever a sample shows to be the better one.
package enum LookupChoice: String, Codable, CaseIterable, Sendable {
  case find
  case direct
  /// `direct` if it returns the same bytes as `find` for every film of a sample, otherwise `find`.
  case auto

  /// Nil if the dispatcher has to find out.
  package var lookup: Lookup? { Lookup(rawValue: rawValue) }
}

/// What a run asks TMDB for.
package enum Refresh: String, Codable, CaseIterable, Sendable {
  /// Every film.
  case all
  /// The films that may differ from those of an earlier run, the base. All others are copied from it.
  case changed
}

/// What a replay fetches again.
package enum Replay: String, Codable, CaseIterable, Sendable {
  /// Files that are missing or incomplete.
  case missing
  /// Every file.
  case all
}

/// The allowed ranges for the fields of events.
package enum RunLimits {
  package static let shards = 1...1000
  package static let filmsPerFile = 1...1000
  /// 0 means no ceiling.
  package static let requestsPerSecond = 0.0...10_000.0
  /// The lowest rate other than 0: one request in 17 minutes.
  package static let requestsPerSecondMin = 0.001
  package static let workers = 1...1000
  package static let genres = 1...50
  package static let genreBytes = 1...100
  package static let maxAgeDays = 1...3650
  package static let titleTypes = 1...20
  package static let titleTypeBytes = 1...100
  package static let columnNameBytes = 1...200
  /// The films of one shard. Their plan, as an event, stays below Lambda's limit of 1 MB.
  package static let filmsPerShard = 0...60_000
  package static let hops = 0...1000
  /// Data files of a base from which one shard keeps films: at most one per film.
  package static let baseFiles = 60_000
}
