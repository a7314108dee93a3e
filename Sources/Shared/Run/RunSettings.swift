/// How the requests of a run are budgeted.
package enum RateScope: String, Codable, CaseIterable, Sendable {
  /// `requestsPerSecond` is for the whole run and is shared out to the workers.
  case run
  /// Each worker has `requestsPerSecond` to itself.
  case worker
  /// Each worker starts at its share of `requestsPerSecond` and finds its own ceiling up to it.
  case adaptive
}

/// How a film's credits are asked for.
package enum Lookup: String, Codable, CaseIterable, Sendable {
  /// The two documented calls: find by IMDb id, then credits by TMDB id.
  case find
  /// Credits by IMDb id in one call; find where that answers 404.
  case direct

  /// Calls a film costs when all goes well.
  package var requestsPerFilm: Int {
    switch self {
    case .find: 2
    case .direct: 1
    }
  }
}

/// What a replay fetches again.
package enum Replay: String, Codable, CaseIterable, Sendable {
  /// Files that are absent or incomplete.
  case missing
  /// Every file.
  case all
}

/// The limits of what an event may ask for.
package enum RunLimits {
  package static let shards = 1...1000
  package static let filmsPerFile = 1...1000
  /// 0 is no ceiling; a request in 17 minutes is the slowest that is taken.
  package static let requestsPerSecond = 0.0...10_000.0
  package static let requestsPerSecondMin = 0.001
  package static let workers = 1...1000
  package static let genres = 1...50
  package static let genreBytes = 1...100
  /// Films in one shard's plan: its event stays under Lambda's 1 MB.
  package static let filmsPerShard = 0...60_000
  package static let hops = 0...1000
}
