/// Why a shard cannot continue: an error that affects every film, not just one.
package enum TMDBFailure: TypedError, Equatable {
  case tokenRefused(server: String, reason: String)
  case outage(server: String, films: Int, reason: String)
  case notTMDB(server: String, film: String)
  /// - Parameter attempts: how often requests were refused with a 403, one after the other, while none was served.
  case blocked(server: String, attempts: Int, reason: String)

  package var errorType: String {
    switch self {
    case .tokenRefused: "TokenRefused"
    case .outage: "TMDBUnavailable"
    case .notTMDB: "NotTMDB"
    case .blocked: "TMDBBlocked"
    }
  }

  package var description: String {
    switch self {
    case .tokenRefused(let server, let reason):
      "TMDB at \(server) refused the token (\(reason)). Put a valid v4 read access token into the secret that "
        + "TMDB_TOKEN_SECRET names; no deployment is needed."
    case .outage(let server, let films, let reason):
      "TMDB at \(server) failed for \(films) consecutive films. All files written so far are kept; invoke the shard "
        + "again when TMDB is available. The last error: \(reason)"
    case .notTMDB(let server, let film):
      "\(server) responded 404 Not Found to find for film \(film). TMDB responds to find with empty lists when it does "
        + "not have a film, so this server is not TMDB, or the URL's path is wrong. Check TMDB_BASE_URL; TMDB's is "
        + "\(TMDBConfiguration.tmdb). Then invoke the shard again."
    case .blocked(let server, let attempts, let reason):
      "TMDB at \(server) blocks all requests; \(attempts) attempts with waits in between were refused. \(reason). "
        + "All files written so far are kept. Wait some minutes, and use a lower RequestsPerSecond or another address; then "
        + "invoke the shard again."
    }
  }
}
