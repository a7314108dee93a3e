/// Divides an invocation's time: to start films, then to finish those in flight, then to write and to hand over.
package struct TimeBudget: Equatable, Sendable {
  /// No film is started after this time.
  package let startUntil: ContinuousClock.Instant
  /// No request is sent after this time: its response might come too late, and the next hop would send it again.
  package var sendUntil: ContinuousClock.Instant { startUntil + startUntil.duration(to: finishBy) / 2 }
  /// No response is awaited after this time. The rest is for writing and handing over.
  package let finishBy: ContinuousClock.Instant

  /// The last part of an invocation, from `startUntil` on: 15 % of its time, at least 1 and at most 20 seconds.
  private static let reserveMax: Duration = .seconds(20)
  private static let reserveMin: Duration = .seconds(1)
  private static let reserveShare = 0.15

  /// - Parameter remaining: time until Lambda ends the invocation.
  package init(remaining: Duration, now: ContinuousClock.Instant) {
    let reserve = min(max(remaining * Self.reserveShare, Self.reserveMin), Self.reserveMax)
    startUntil = now + max(.zero, remaining - reserve)
    finishBy = now + max(.zero, remaining - reserve / 2)
  }

  /// Whether there is time to start another shard: more time before `startUntil` than is reserved after it.
  package func hasTime(at now: ContinuousClock.Instant) -> Bool {
    now.duration(to: startUntil) > startUntil.duration(to: finishBy) * 2
  }
}
