/// Time and chance as a worker meets them: those of its process, or of a simulation.
package protocol Surroundings: Sendable {
  /// On a monotonic clock, for waiting and pacing.
  var now: ContinuousClock.Instant { get }
  /// By the calendar, for what others read.
  var date: UnixTime { get }
  /// Suspends the task until `deadline`.
  /// - Throws: `CancellationError` at once when the task is cancelled.
  func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError)
  /// A number in 0..<1.
  func random() -> Double
}

extension Surroundings {
  /// Suspends the task for a while. See `sleep(until:)`.
  package func sleep(for duration: Duration) async throws(CancellationError) {
    try await sleep(until: now + duration)
  }

  /// A number that tells one holder of a name from another.
  package func nonce() -> UInt32 { UInt32(random() * 4_294_967_296) }
}
