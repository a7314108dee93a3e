/// A worker's part of the run's requests per second.
package struct RateShare: Equatable, Sendable {
  /// Requests a second that the worker starts with; nil is no ceiling.
  package let start: Double?
  /// The most it may grow to; nil is no ceiling.
  package let ceiling: Double?
  /// Where in its first interval the worker begins, 0..<1, so that many workers do not pulse together.
  package let phase: Double
  /// Whether `start` is what the server was found to allow.
  package let isLearned: Bool

  init(start: Double?, ceiling: Double?, phase: Double, isLearned: Bool = false) {
    self.start = start
    self.ceiling = ceiling
    self.phase = phase
    self.isLearned = isLearned
  }

  /// - Parameter learned: the rate that an earlier hop or run of the shard came to.
  package init(plan: ShardPlan, learned: Double? = nil) {
    phase = Double(plan.shard) / Double(max(1, plan.shards))
    guard plan.requestsPerSecond > 0 else {
      (start, ceiling, isLearned) = (learned, nil, learned != nil)
      return
    }
    let share = plan.requestsPerSecond / Double(max(1, plan.workers))
    let first = plan.rateScope == .worker ? plan.requestsPerSecond : share
    let most = plan.rateScope == .run ? share : plan.requestsPerSecond
    ceiling = most
    start = min(learned ?? first, most)
    isLearned = learned.map { $0 < most } ?? false
  }
}

/// Says when the next request may be sent: evenly spaced, at a rate that is halved when the server refuses.
///
/// After a refusal the rate comes back quickly to nine tenths of what was refused, and from there by small steps: so
/// one worker keeps what the server allows busy, and sixty that share a ceiling do not know of one another and yet
/// refuse little (additive increase, multiplicative decrease: Chiu and Jain, 1989). Before the first refusal a rate
/// below its ceiling doubles every two seconds.
///
/// A pure value on a monotonic clock: the caller waits.
package struct RatePacer: Sendable {
  /// Slots that were missed are made up for by this many requests at the most: a worker's stated burst.
  package static let burst = 2.0
  /// Won back with every second that goes well, as a share of the refused rate: up to `known`, and beyond it.
  private static let recoveryPerSecond = 0.2
  private static let probingPerSecond = 0.003
  /// How near to the refused rate the quick recovery goes.
  private static let known = 0.9
  private static let doubling: Duration = .seconds(2)
  /// A rate never falls below it: one request in twenty seconds.
  private static let rateMin = 0.05
  /// Refusals that come within this time of the last halving belong to it: their requests were on their way.
  private static let settling: Duration = .seconds(1)

  /// Requests a second; nil is no ceiling.
  package private(set) var rate: Double?
  /// Nothing is sent before it: the server wants quiet.
  package private(set) var pausedUntil: ContinuousClock.Instant
  private let ceiling: Double?
  /// The rate at which the server last refused.
  private var refusedRate: Double?
  private var nextSlot: ContinuousClock.Instant
  private var settledAt: ContinuousClock.Instant?
  private var lastGrowth: ContinuousClock.Instant
  private let startedAt: ContinuousClock.Instant
  private var reserved = 0

  package init(share: RateShare, now: ContinuousClock.Instant) {
    rate = share.start
    ceiling = share.ceiling
    startedAt = now
    pausedUntil = now
    lastGrowth = now
    // What was learned is where the quick recovery ends.
    refusedRate = share.isLearned ? share.start.map { $0 / Self.known } : nil
    nextSlot = share.start.map { now + Duration.seconds(share.phase / $0) } ?? now
  }

  /// What a later worker of the shard should start with: a rate that was halved only just is on its way back.
  package var learned: Double? { rate.map { max($0, (refusedRate ?? 0) * Self.known) } }

  /// Takes the next slot and says when it is; never before `now`.
  package mutating func reserve(at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    reserved += 1
    grow(at: now)
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
    lastGrowth = max(lastGrowth, pausedUntil)
    nextSlot = max(nextSlot, pausedUntil)
    if let settledAt, now < settledAt { return }
    settledAt = pausedUntil + Self.settling
    // Without a ceiling, the rate there was is what was sent until now.
    let elapsed = max(startedAt.duration(to: now).inSeconds, 0.1)
    let current = rate ?? Double(reserved) / elapsed
    refusedRate = current
    rate = max(current / 2, Self.rateMin)
  }

  private mutating func grow(at now: ContinuousClock.Instant) {
    guard let current = rate, current < ceiling ?? .infinity else { return }
    let seconds = lastGrowth.duration(to: now).inSeconds
    guard seconds >= 0.25 else { return }
    lastGrowth = now
    rate = min(Self.grown(current, refused: refusedRate, seconds: seconds), ceiling ?? .infinity)
  }

  private static func grown(_ rate: Double, refused: Double?, seconds: Double) -> Double {
    guard let refused else { return rate * (1 + seconds / doubling.inSeconds) }
    let near = refused * known
    if rate < near { return min(rate + refused * recoveryPerSecond * seconds, near) }
    return rate + refused * probingPerSecond * seconds
  }
}
