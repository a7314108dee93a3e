/// Time as a worker reads it: the process's own clocks, or a simulation's.
package protocol SystemClock: Sendable {
  /// On a monotonic clock, for waiting and pacing.
  var now: ContinuousClock.Instant { get }
  /// By the calendar, for what others read.
  var date: UnixTime { get }
  /// Suspends the task until `deadline`.
  /// - Throws: `CancellationError` at once when the task is cancelled.
  func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError)
}

extension SystemClock {
  /// Suspends the task for a while. See `sleep(until:)`.
  package func sleep(for duration: Duration) async throws(CancellationError) {
    try await sleep(until: now + duration)
  }
}
