import Shared

/// What the preparation of a run needs from outside: S3, TMDB, time and randomness.
struct DispatcherDependencies: Sendable {
  let objects: any ObjectStore
  /// Connects to TMDB. Reads the token, so it is called only if a request is to be sent.
  let openTMDB: @Sendable () async throws -> any TMDBAPI
  /// Drops the cached token after TMDB refused it.
  let forgetToken: @Sendable () -> Void
  let clock: any SystemClock
  let randomness: any Randomness
}

extension DispatcherDependencies {
  /// - Parameters:
  ///   - tmdb: an error of the configuration is thrown when TMDB is needed. A run that fetches every film does not need
  ///     it.
  init(http: HTTPClient, services: AWSServices, tmdb: Result<TMDBConfiguration, ConfigurationError>) {
    let openTMDB: @Sendable () async throws -> any TMDBAPI
    var forgetToken: @Sendable () -> Void = {}
    switch tmdb {
    case .success(let configuration):
      let tokens = TokenStore(source: configuration.token, secrets: services.secrets)
      openTMDB = {
        TMDBClient(http: http, baseURL: configuration.baseURL, token: try await tokens.token())
      }
      forgetToken = { tokens.forget() }
    case .failure(let error): openTMDB = { throw error }
    }
    self.init(
      objects: services.s3, openTMDB: openTMDB, forgetToken: forgetToken, clock: http.loop,
      randomness: http.loop)
  }
}

/// The dispatcher's connection to TMDB, which uses the whole run's rate while no worker is at work.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one event loop, which all run on its thread.
final class DispatcherTMDB: @unchecked Sendable {
  /// Requests of the last second count against TMDB's ceiling, so the workers start this long after the last one.
  static let pause: Duration = .seconds(1)

  private let dependencies: DispatcherDependencies
  private var fetcher: FilmFetcher?
  private var usedAt: ContinuousClock.Instant?
  /// Number of requests sent.
  private(set) var requests = 0

  init(_ dependencies: DispatcherDependencies) { self.dependencies = dependencies }

  /// Sends requests, in the way that `body` does.
  /// - Parameter plan: any shard's plan.
  func use<Value>(_ plan: ShardPlan, _ body: (FilmFetcher) async throws -> Value) async throws -> Value {
    let fetcher = try await fetcher(plan)
    defer {
      requests += fetcher.takeRequests().sent
      usedAt = dependencies.clock.now
    }
    return try await body(fetcher)
  }

  /// Waits until the dispatcher's requests no longer count against TMDB's ceiling.
  func waitForCeiling() async throws {
    guard let usedAt else { return }
    try await dependencies.clock.sleep(until: usedAt + Self.pause)
  }

  private func fetcher(_ plan: ShardPlan) async throws -> FilmFetcher {
    if let fetcher { return fetcher }
    var whole = plan
    whole.workers = 1
    let fetcher = FilmFetcher(
      api: try await dependencies.openTMDB(), lookup: plan.lookup, share: RateShare(plan: whole),
      clock: dependencies.clock, randomness: dependencies.randomness, forgetToken: dependencies.forgetToken)
    self.fetcher = fetcher
    return fetcher
  }
}
