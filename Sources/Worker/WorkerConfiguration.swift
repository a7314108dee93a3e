import Shared

/// The worker's configuration, from environment variables.
struct WorkerConfiguration: Sendable, Equatable {
  let bucket: String?
  let prefix: String
  let tmdb: TMDBConfiguration
  let lease: LeaseTerms

  /// - Throws: `ConfigurationError`, which names the variable.
  init(environment: [String: String]) throws(ConfigurationError) {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    bucket = variable("ELENCO_BUCKET")
    prefix = variable("ELENCO_PREFIX") ?? RunDefaults.prefix
    tmdb = try TMDBConfiguration(environment: environment)
    lease = try LeaseTerms(environment: environment)
  }
}
