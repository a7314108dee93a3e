import Shared

/// What a worker works with: S3, TMDB, Lambda, time and chance; or a simulation's.
struct WorkerDependencies: Sendable {
  let objects: any ObjectStore
  /// TMDB, with its token read when the first film is to be fetched.
  let openTMDB: @Sendable () async throws -> any TMDBAPI
  /// Lets the next invocation read the token again: TMDB refused it.
  let forgetToken: @Sendable () -> Void
  /// Hands an event over to a worker, for an invocation of its own.
  let invoke: @Sendable (FollowUpEvent, Invocation) async throws -> Void
  let clock: any SystemClock
  let randomness: any Randomness
  let lease: LeaseTerms
}
