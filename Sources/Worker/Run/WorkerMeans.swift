import Shared

/// What a worker works with: S3, TMDB, Lambda, time and chance; or a simulation's.
struct WorkerMeans: Sendable {
  let objects: any ObjectStore
  /// TMDB, with its token read when the first film is to be fetched.
  let films: @Sendable () async throws -> any FilmService
  /// Lets the next invocation read the token again: TMDB refused it.
  let forgetToken: @Sendable () -> Void
  /// Hands an event over to a worker, for an invocation of its own.
  let invoke: @Sendable (WorkerCall, Invocation) async throws -> Void
  let surroundings: any Surroundings
  let lease: LeaseTerms
}
