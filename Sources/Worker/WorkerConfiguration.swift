import Shared

/// What the worker takes from its environment.
struct WorkerConfiguration: Sendable, Equatable {
  /// Where TMDB's token comes from.
  enum Token: Sendable, Equatable {
    /// A secret's name or ARN.
    case secret(String)
    case value(Secret)
  }

  static let tmdb = "https://api.themoviedb.org"

  let bucket: String?
  let prefix: String
  let tmdbBaseURL: String
  let token: Token
  let lease: LeaseTerms

  /// - Throws: `AWSConfigurationError` with a sentence that names the variable.
  init(environment: [String: String]) throws(AWSConfigurationError) {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    bucket = variable("ELENCO_BUCKET")
    prefix = variable("ELENCO_PREFIX") ?? RunDefaults.prefix
    let url = variable("TMDB_BASE_URL") ?? Self.tmdb
    // It is named in errors and reports: no user, password or key may be in it.
    guard url.hasPrefix("https://") || url.hasPrefix("http://"), !url.contains(where: { "@?#".contains($0) })
    else {
      throw AWSConfigurationError(
        "TMDB_BASE_URL must be like \(Self.tmdb), with nothing but a host and a path; what it holds is not shown here."
      )
    }
    tmdbBaseURL = url.hasSuffix("/") ? String(url.dropLast()) : url
    lease = try LeaseTerms(environment: environment)
    if let name = variable("TMDB_TOKEN_SECRET") {
      token = .secret(name)
    } else if let value = variable("TMDB_TOKEN") {
      token = .value(Secret(value))
    } else {
      throw AWSConfigurationError(
        "neither TMDB_TOKEN_SECRET (a secret's name or ARN) nor TMDB_TOKEN is set: the worker needs TMDB's token."
      )
    }
  }
}
