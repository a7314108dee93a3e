import Shared

/// Why a shard cannot continue: an error that affects every film, not just one.
enum TMDBFailure: TypedError, Equatable {
  case tokenRefused(server: String, reason: String)
  case outage(server: String, films: Int, reason: String)
  case notTMDB(server: String, films: Int)

  var errorType: String {
    switch self {
    case .tokenRefused: "TokenRefused"
    case .outage: "TMDBUnavailable"
    case .notTMDB: "NotTMDB"
    }
  }

  var description: String {
    switch self {
    case .tokenRefused(let server, let reason):
      "TMDB at \(server) refused the token (\(reason)). Put a valid v4 read access token into the secret that "
        + "TMDB_TOKEN_SECRET names; no deployment is needed."
    case .outage(let server, let films, let reason):
      "TMDB at \(server) failed for \(films) consecutive films. All files written so far are kept; invoke the shard "
        + "again when TMDB is available. The last error: \(reason)"
    case .notTMDB(let server, let films):
      "\(server) responded 404 to find for \(films) consecutive films. TMDB responds to find with an empty list when "
        + "it does not have a film, so this is probably another server. Check TMDB_BASE_URL."
    }
  }
}
