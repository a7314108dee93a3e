import Glibc

/// Says when the next request may be sent: evenly spaced, at a rate that is halved when the server refuses.
///
/// What was served in the seconds before says what the server allows. Nearly to that the rate comes back at once, stays
/// about there, and then feels its way up faster and faster: so what the server allows is kept busy, one worker that was
/// unlucky catches up, and sixty that share a ceiling do not know of one another and yet are seldom refused. (The shape
/// is that of TCP's CUBIC, RFC 9438; halving and additive increase: Chiu and Jain, 1989.) Before the first refusal a
/// rate below its ceiling doubles every two seconds.
///
/// A pure value on a monotonic clock: the caller waits.
package struct RatePacer: Sendable {
  /// A time to send at.
  package struct Slot: Equatable, Sendable {
    package let time: ContinuousClock.Instant
    fileprivate let epoch: Int
  }

  /// Slots that were missed are made up for by this many requests at the most: a worker's stated burst.
  package static let burst = 2.0
  private static let doubling = 2.0
  /// From one worker to the next, when nothing was refused.
  private static let step = 1.5
  /// A rate never falls below it: one request in ten seconds.
  private static let rateMin = 0.1
  /// No rate that is counted grows beyond it.
  private static let rateMax = 10_000.0
  /// Refusals that come within this time of the last halving, or of a few requests for the slow, belong to it: a
  /// server remembers a second.
  private static let settling = 1.0
  private static let settlingRequests = 3.0

  /// A refusal, and the way back from it.
  private struct Halving {
    /// How near to what was served the quick recovery goes, and how far below the refused rate at the most.
    private static let known = 0.92
    private static let lowest = 0.4
    /// Seconds of the quick recovery at least, and what is added after it, as a share of the refused rate: it grows
    /// e-fold in so many seconds, or in the time of a few requests, whichever is longer.
    private static let recovery = 1.0
    private static let probing = 0.003
    private static let growth = 3.0
    private static let growthRequests = 8.0

    private let rateBefore: Double
    /// What the server seems to allow.
    let allowed: Double
    private let resumesAt: ContinuousClock.Instant
    /// Seconds between requests, for the slow.
    private let spacing: Double

    /// - Parameters:
    ///   - served: requests a second that were served before.
    ///   - share: the worker's, with which it began.
    init(rateBefore: Double, served: Double, share: Double, resumesAt: ContinuousClock.Instant) {
      self.rateBefore = rateBefore
      self.resumesAt = resumesAt
      allowed = max(min(served, rateBefore) * Self.known, rateBefore * Self.lowest)
      spacing = 1 / max(allowed, share / 4, RatePacer.rateMin)
    }

    /// What an earlier worker learned: its recovery is over.
    init(learned: Double, now: ContinuousClock.Instant) {
      (rateBefore, allowed, spacing) = (learned, learned, 1 / max(learned, RatePacer.rateMin))
      resumesAt = now - .seconds(max(Self.recovery, spacing))
    }

    func rate(at now: ContinuousClock.Instant) -> Double {
      let seconds = max(0, resumesAt.duration(to: now).inSeconds)
      let (low, recovery) = (min(allowed, rateBefore / 2), max(Self.recovery, spacing))
      if seconds < recovery { return low + (allowed - low) * seconds / recovery }
      let growth = max(Self.growth, Self.growthRequests * spacing)
      return allowed + rateBefore * Self.probing * (exp((seconds - recovery) / growth) - 1)
    }
  }

  /// Requests a second; nil is no ceiling.
  package private(set) var rate: Double?
  private let ceiling: Double?
  private let share: Double
  private var halving: Halving?
  private var settledAt: ContinuousClock.Instant?
  private var served: ServedRate
  /// Nothing is sent before it: the server wants quiet.
  private var pausedUntil: ContinuousClock.Instant
  private var nextSlot: ContinuousClock.Instant
  /// Counts what made earlier slots void.
  private var epoch = 0
  private var lastDoubling: ContinuousClock.Instant

  package init(share: RateShare, now: ContinuousClock.Instant) {
    rate = share.start
    ceiling = share.ceiling
    self.share = share.start ?? 0
    pausedUntil = now
    lastDoubling = now
    served = ServedRate(since: now)
    halving = share.isLearned ? share.start.map { Halving(learned: $0, now: now) } : nil
    nextSlot = share.start.map { now + Duration.seconds(share.phase / $0) } ?? now
  }

  /// What a later worker of the shard should start with: a rate that was halved only just is on its way back, and one
  /// at which nothing was refused feels its way up, however short the workers' times are.
  package var learned: Double? {
    rate.map { rate in
      let reached = max(rate, halving?.allowed ?? 0)
      return settledAt == nil ? min(reached * Self.step, ceiling ?? Self.rateMax) : reached
    }
  }

  /// Takes the next slot; never before `now`.
  package mutating func reserve(at now: ContinuousClock.Instant) -> Slot {
    grow(at: now)
    guard let rate else { return Slot(time: max(now, pausedUntil), epoch: epoch) }
    let interval = Duration.seconds(1 / rate)
    // Lost slots are not saved up beyond the burst.
    let slot = max(nextSlot, now - interval * (Self.burst - 1), pausedUntil)
    nextSlot = slot + interval
    return Slot(time: max(slot, now), epoch: epoch)
  }

  /// Whether a slot still counts when its time comes: one that was taken before the server refused does not.
  package func isValid(_ slot: Slot) -> Bool { slot.epoch == epoch }

  /// A request was answered with anything but a refusal.
  package mutating func served(at now: ContinuousClock.Instant) { served.note(at: now) }

  /// The server refused a request: half as much is sent from now on.
  /// - Parameter wait: that the server asked for; nothing at all is sent meanwhile.
  package mutating func refused(at now: ContinuousClock.Instant, wait: Duration = .zero) {
    if now + wait > pausedUntil, wait > .zero {
      served.pause(from: max(now, pausedUntil), until: now + wait)
      pausedUntil = now + wait
      voidSlots(from: pausedUntil)
    }
    if let settledAt, now < settledAt { return }
    let resumesAt = max(now, pausedUntil)
    // Without a ceiling, the rate there was is what was served until now.
    let found = served.perSecond(at: now)
    let before = min(max(rate ?? found, Self.rateMin * 2), Self.rateMax)
    halving = Halving(rateBefore: before, served: found, share: share, resumesAt: resumesAt)
    let slowed = halving?.rate(at: now) ?? Self.rateMin
    rate = slowed
    settledAt = resumesAt + .seconds(max(Self.settling, Self.settlingRequests / slowed))
    voidSlots(from: resumesAt)
  }

  private mutating func voidSlots(from time: ContinuousClock.Instant) {
    epoch += 1
    nextSlot = time
  }

  private mutating func grow(at now: ContinuousClock.Instant) {
    guard let current = rate, current < ceiling ?? Self.rateMax else { return }
    if let halving {
      rate = min(max(halving.rate(at: now), Self.rateMin), ceiling ?? Self.rateMax)
    } else {
      let seconds = lastDoubling.duration(to: now).inSeconds
      guard seconds >= 0.25 else { return }
      lastDoubling = now
      rate = min(current * (1 + seconds / Self.doubling), ceiling ?? Self.rateMax)
    }
  }
}
