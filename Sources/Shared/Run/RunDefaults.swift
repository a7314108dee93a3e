/// Defaults for what neither the event nor the function's configuration sets.
package enum RunDefaults {
  package static let prefix = "Raw/TMDB/JSON/Atores"
  package static let genres = ["Drama", "Romance"]
  package static let titleTypes = ["movie"]
  package static let shards = 60
  package static let filmsPerFile = 100
  /// TMDB's documentation mentions both "somewhere in the 50 requests per second range" and 40. This is the safer one.
  package static let requestsPerSecond = 40.0
  package static let maxAgeDays = 90
}
