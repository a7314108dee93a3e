/// What a run does when nobody says otherwise.
package enum RunDefaults {
  package static let prefix = "Raw/TMDB/JSON/Atores"
  package static let genres = ["Drama", "Romance"]
  package static let shards = 60
  package static let filmsPerFile = 100
  /// TMDB's documentation speaks of "somewhere in the 50 requests per second range" and of 40: the safe side.
  package static let requestsPerSecond = 40.0
}
