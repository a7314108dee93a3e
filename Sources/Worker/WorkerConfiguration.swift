import Shared

/// The worker's configuration, from environment variables.
struct WorkerConfiguration: Sendable, Equatable {
  /// The source of TMDB's token.
  enum Token: Sendable, Equatable {
    /// The name or ARN of a secret in Secrets Manager.
    case secret(String)
    case value(Secret)
  }

  static let tmdb = "https://api.themoviedb.org"

  let bucket: String?
  let prefix: String
  let tmdbBaseURL: String
  let token: Token
  let lease: LeaseTerms

  /// - Throws: `ConfigurationError`, which names the variable.
  init(environment: [String: String]) throws(ConfigurationError) {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    bucket = variable("ELENCO_BUCKET")
    prefix = variable("ELENCO_PREFIX") ?? RunDefaults.prefix
    let url = variable("TMDB_BASE_URL") ?? Self.tmdb
    // The URL appears in errors and reports, so it must not contain a user, a password or a key.
    guard url.hasPrefix("https://") || url.hasPrefix("http://"), !url.contains(where: { "@?#".contains($0) })
    else {
      throw ConfigurationError(
        "TMDB_BASE_URL must be a URL such as \(Self.tmdb), with only a host and a path. Its value is not shown here, "
          + "because it may contain a password."
      )
    }
    tmdbBaseURL = url.hasSuffix("/") ? String(url.dropLast()) : url
    lease = try LeaseTerms(environment: environment)
    if let name = variable("TMDB_TOKEN_SECRET") {
      token = .secret(name)
    } else if let value = variable("TMDB_TOKEN") {
      token = .value(Secret(value))
    } else {
      throw ConfigurationError(
        "Neither TMDB_TOKEN_SECRET (a secret's name or ARN) nor TMDB_TOKEN is set. The worker needs a TMDB token."
      )
    }
  }
}
