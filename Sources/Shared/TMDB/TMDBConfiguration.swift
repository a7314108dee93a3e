/// Where TMDB is and where its token comes from, from environment variables.
package struct TMDBConfiguration: Sendable, Equatable {
  /// The source of TMDB's token.
  package enum Token: Sendable, Equatable {
    /// The name or ARN of a secret in Secrets Manager.
    case secret(String)
    case value(Secret)
  }

  package static let tmdb = "https://api.themoviedb.org"

  package let baseURL: String
  package let token: Token

  /// - Throws: `ConfigurationError`, which names the variable.
  package init(environment: [String: String]) throws(ConfigurationError) {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let url = variable("TMDB_BASE_URL") ?? Self.tmdb
    guard let base = TMDBBaseURL(url) else {
      throw ConfigurationError(
        "TMDB_BASE_URL must be a URL such as \(Self.tmdb), with only a host and a path. Its value is not shown here, "
          + "because it may contain a password."
      )
    }
    guard base.protectsToken else {
      throw ConfigurationError(
        "TMDB_BASE_URL must begin with https://, because the token would cross the network unencrypted over http://. "
          + "Only a server on this machine, such as http://127.0.0.1:8080, may use http://."
      )
    }
    baseURL = base.text
    if let name = variable("TMDB_TOKEN_SECRET") {
      token = .secret(name)
    } else if let value = variable("TMDB_TOKEN") {
      token = .value(Secret(value))
    } else {
      throw ConfigurationError(
        "Neither TMDB_TOKEN_SECRET (a secret's name or ARN) nor TMDB_TOKEN is set. The function needs a TMDB token."
      )
    }
  }
}
