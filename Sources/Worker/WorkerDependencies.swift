import Shared

/// Everything outside a worker's own code: S3, TMDB, Lambda, time and randomness. Simulations supply their own.
struct WorkerDependencies: Sendable {
  let objects: any ObjectStore
  /// Connects to TMDB. Reads the token, so it is called only when the first film has to be fetched.
  let openTMDB: @Sendable () async throws -> any TMDBAPI
  /// Drops the cached token after TMDB refused it, so that the next invocation reads the secret again.
  let forgetToken: @Sendable () -> Void
  /// Invokes the worker function asynchronously.
  let invoke: @Sendable (FollowUpEvent, Invocation) async throws -> Void
  let clock: any SystemClock
  let randomness: any Randomness
  let lease: LeaseTerms
}
