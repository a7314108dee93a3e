/// A worker's part of the run's requests per second.
package struct RateShare: Equatable, Sendable {
  /// Requests a second that the worker starts with; nil is no ceiling.
  package let start: Double?
  /// The most it may grow to; nil is no ceiling.
  package let ceiling: Double?
  /// Where in its first interval the worker begins, 0..<1, so that many workers do not pulse together.
  package let phase: Double

  package init(plan: ShardPlan) {
    phase = Double(plan.shard) / Double(max(1, plan.shards))
    guard plan.requestsPerSecond > 0 else {
      start = nil
      ceiling = nil
      return
    }
    let share = plan.requestsPerSecond / Double(max(1, plan.workers))
    switch plan.rateScope {
    case .run: (start, ceiling) = (share, share)
    case .worker: (start, ceiling) = (plan.requestsPerSecond, plan.requestsPerSecond)
    case .adaptive: (start, ceiling) = (share, plan.requestsPerSecond)
    }
  }
}

/// Says when the next request may be sent: evenly spaced at a rate that is halved when the server refuses and
/// recovers step by step (additive increase, multiplicative decrease).
///
/// A pure value on a monotonic clock: the caller waits.
package struct RatePacer: Sendable {
  /// Slots that were missed are made up for by this many requests at the most.
  package static let burst = 2.0
  /// The share of the ceiling, or of the rate that was refused, won back with every second that goes well.
  private static let recoveryPerSecond = 0.05
  /// A rate never falls below it: one request in twenty seconds.
  private static let rateMin = 0.05
  /// Refusals that come within this time of the last halving belong to it: their requests were on their way.
  private static let settling: Duration = .seconds(1)

  /// Requests a second; nil is no ceiling.
  package private(set) var rate: Double?
  private let ceiling: Double?
  private var recoveryStep: Double
  private var nextSlot: ContinuousClock.Instant
  private var pausedUntil: ContinuousClock.Instant
  private var lastHalving: ContinuousClock.Instant?
  private var lastRecovery: ContinuousClock.Instant
  private let startedAt: ContinuousClock.Instant
  private var reserved = 0

  package init(share: RateShare, now: ContinuousClock.Instant) {
    rate = share.start
    ceiling = share.ceiling
    recoveryStep = (share.ceiling ?? 0) * Self.recoveryPerSecond
    startedAt = now
    pausedUntil = now
    lastRecovery = now
    nextSlot = share.start.map { now + Duration.seconds(share.phase / $0) } ?? now
  }

  /// Takes the next slot and says when it is; never before `now`.
  package mutating func reserve(at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    reserved += 1
    recover(at: now)
    guard let rate else { return max(now, pausedUntil) }
    let interval = Duration.seconds(1 / rate)
    // Lost slots are not saved up beyond the burst.
    let slot = max(nextSlot, now - interval * (Self.burst - 1), pausedUntil)
    nextSlot = slot + interval
    return max(slot, now)
  }

  /// The server refused a request: nothing is sent for `wait`, then half as much.
  package mutating func refused(at now: ContinuousClock.Instant, wait: Duration) {
    pausedUntil = max(pausedUntil, now + wait)
    lastRecovery = max(lastRecovery, pausedUntil)
    if let lastHalving, now < lastHalving + Self.settling { return }
    lastHalving = pausedUntil
    // Without a ceiling, the rate there was is what was sent until now.
    let elapsed = max(startedAt.duration(to: now).inSeconds, 0.1)
    let current = rate ?? Double(reserved) / elapsed
    rate = max(current / 2, Self.rateMin)
    if ceiling == nil { recoveryStep = current * Self.recoveryPerSecond }
    nextSlot = max(nextSlot, pausedUntil)
  }

  private mutating func recover(at now: ContinuousClock.Instant) {
    guard let rate, lastRecovery < now else { return }
    let seconds = lastRecovery.duration(to: now).inSeconds
    guard seconds >= 1 else { return }
    lastRecovery = now
    self.rate = min(rate + recoveryStep * seconds, ceiling ?? .infinity)
  }
}
