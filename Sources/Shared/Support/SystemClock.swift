/// A source of time: the clocks of the system, or simulated ones.
package protocol SystemClock: Sendable {
  /// The time on a monotonic clock, for waiting and pacing.
  var now: ContinuousClock.Instant { get }
  /// The calendar time, for what people and services read.
  var date: UnixTime { get }
  /// Suspends the task until `deadline`.
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError)
}

extension SystemClock {
  /// Suspends the task for `duration`. See `sleep(until:)`.
  package func sleep(for duration: Duration) async throws(CancellationError) {
    try await sleep(until: now + duration)
  }
}
