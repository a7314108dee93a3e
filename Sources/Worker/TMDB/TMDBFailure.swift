import Shared

/// Why a shard cannot go on: not one film's trouble, but every film's.
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
      "TMDB at \(server) failed for \(films) films one after the other; the last time: \(reason). "
        + "What is written stays; invoke the shard again when TMDB answers."
    case .notTMDB(let server, let films):
      "\(server) answered 404 when it was asked to find each of \(films) films one after the other; TMDB answers such a "
        + "request with an empty list. Is TMDB_BASE_URL right?"
    }
  }
}
