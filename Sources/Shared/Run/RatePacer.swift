import Glibc

/// Decides when the next request may be sent: evenly spaced, at a rate that is halved when the server refuses a request
/// (429).
///
/// Workers that share a ceiling do not know about each other: each sees only its own refusals. At any moment their
/// rates differ, but none stays high or low, so all workers finish at about the same time. This is because a refusal
/// takes a fraction of a worker's current rate, whereas the recovery adds the same amount for every worker of a run: it
/// depends on the worker's share, not on its current rate (additive increase, multiplicative decrease: Chiu and Jain,
/// 1989).
///
/// The recovery is slow at first, because every overshoot costs a refusal. It then becomes faster and faster, to take
/// up the rate that other workers free when they finish (the shape of TCP's CUBIC, RFC 9438).
///
/// Before the first refusal, a rate below its ceiling doubles every two seconds, or from one request to the next if
/// those are further apart.
///
/// A pure value on a monotonic clock: the caller does the waiting and passes in random numbers.
package struct RatePacer: Sendable {
  /// A reserved time to send a request.
  package struct Slot: Equatable, Sendable {
    package let time: ContinuousClock.Instant
    fileprivate let epoch: Int
  }

  /// The most requests that are sent immediately to make up for missed slots; at more than 40 requests per second, as
  /// many as belong to `latenessMin`.
  package static let burst = 2.0
  /// A request that is sent this much later than its slot still counts as punctual: timers are not exact.
  private static let latenessMin: Duration = .milliseconds(25)
  /// Seconds in which a rate doubles before the first refusal.
  private static let doubling = 2.0
  /// The factor from one worker's rate to the next worker's start, if nothing was refused.
  private static let step = 1.5
  /// The lowest rate, one request in ten seconds; a quarter of the share if that is less.
  static let rateMin = 0.1
  /// The highest rate of a run without a ceiling, once a refusal has given it a rate.
  private static let rateMax = 10_000.0
  /// The lowest rate that is assumed before the first refusal without a ceiling: even the first request may be refused.
  private static let assumedRateMin = 8.0
  /// After a halving, further refusals belong to it for this many seconds or `settlingRequests`, whichever takes
  /// longer: a server's window is about a second.
  private static let settling = 1.0
  private static let settlingRequests = 2.0
  /// How many intervals to wait after a refusal, chosen at random. The server's window is still full, so a request sent
  /// immediately would be refused too. Randomness keeps workers that were refused together from resuming together.
  private static let skippedIntervals = 1.0..<3.0

  /// The current rate in requests per second; nil without a ceiling, until the first refusal.
  package private(set) var rate: Double?
  /// The highest rate.
  private var ceiling: Double
  /// The rate that the plan gives to each worker; nil without a ceiling.
  private let evenShare: Double?
  /// Whether the plan lets the worker exceed its share, as far as the server does.
  private let mayExceedShare: Bool
  /// Whether `limit` has set the ceiling.
  private var isLimited = false
  /// The worker's share of the run's requests per second. Without a ceiling, the learned or first refused rate.
  private var share: Double?
  private var halving: RateHalving?
  private var halvedAt: ContinuousClock.Instant?
  private var settledAt: ContinuousClock.Instant?
  private var served: ServedRate
  /// No request is sent before this time, because the server requested a wait.
  private var pausedUntil: ContinuousClock.Instant
  private var nextSlot: ContinuousClock.Instant
  /// When the next request may be sent, by the requests that were sent. Slots alone do not hold the rate if a worker is
  /// suspended and all its slots have passed when it resumes.
  private var nextSend: ContinuousClock.Instant
  /// Increases whenever earlier slots become invalid.
  private var epoch = 0
  private var lastDoubling: ContinuousClock.Instant

  package init(share: RateShare, now: ContinuousClock.Instant) {
    rate = share.start
    ceiling = share.ceiling ?? Self.rateMax
    evenShare = share.evenShare
    mayExceedShare = ceiling > max(share.evenShare ?? share.start ?? ceiling, Self.rateMin)
    self.share = share.evenShare ?? share.start
    pausedUntil = now
    lastDoubling = now
    served = ServedRate(since: now)
    if share.isLearned, let learned = share.start {
      let pace = RateHalving.Pace(share: share.evenShare ?? learned, mayExceedShare: mayExceedShare)
      halving = RateHalving(learned: learned, pace: pace, now: now)
    }
    nextSlot = share.start.map { now + Duration.seconds(share.phase / $0) } ?? now
    nextSend = now
  }

  /// The rate that the shard's next worker should start with; nil if there is no rate. Soon after a halving it is the
  /// rate that the recovery will reach. If nothing was refused it is higher than the current rate, so that the rate
  /// grows even if each worker runs only briefly.
  package var learned: Double? {
    rate.map { rate in
      let reached = max(rate, halving?.allowed ?? 0)
      guard settledAt == nil else { return reached }
      // What holds a worker below its planned share before the first refusal is the number of workers, not the server.
      return max(min(reached * Self.step, ceiling), isLimited && halving == nil ? evenShare ?? 0 : 0)
    }
  }

  /// Sets the highest rate. A worker that no refusal has slowed uses it immediately. A rate that was learned from
  /// refusals falls by the same factor as the limit, but grows to a higher one step by step: whether the server allows
  /// more is not known yet. Earlier slots become invalid if the rate changes.
  package mutating func limit(to new: Double, at now: ContinuousClock.Instant) {
    let (before, factor) = (rate, new / ceiling)
    // The pace of a recovery changes less than the limit: with fewer workers, refusals become rarer, and a single worker
    // still finds the server's limit within a minute.
    let even = evenShare ?? new
    let share = even * (max(new, even) / even).squareRoot().squareRoot()
    ceiling = new
    self.share = share
    // The first limit does not change a share that the learned rate was reached with.
    let pace = RateHalving.Pace(share: share, mayExceedShare: mayExceedShare)
    if isLimited { halving?.adapt(to: pace, scale: min(factor, 1), at: now) }
    isLimited = true
    rate = min(halving?.rate(at: now) ?? new, new)
    guard rate != before else { return }
    epoch += 1
    nextSlot = max(now, pausedUntil, nextSend)
  }

  /// Reserves the next slot, which is never before `now`.
  package mutating func reserve(at now: ContinuousClock.Instant) -> Slot {
    grow(at: now)
    guard let rate else { return Slot(time: max(now, pausedUntil), epoch: epoch) }
    let interval = Duration.seconds(1 / rate)
    // Missed slots add up only to the burst.
    let slot = max(nextSlot, now - interval * (Self.burst - 1), pausedUntil)
    nextSlot = slot + interval
    return Slot(time: max(slot, now), epoch: epoch)
  }

  /// A slot that is invalid when its time comes, for a worker that may not send requests now.
  package func invalidSlot(at time: ContinuousClock.Instant) -> Slot { Slot(time: time, epoch: -1) }

  /// Whether a slot is still valid when its time comes. A refusal makes the slots that were reserved before it invalid.
  package func isValid(_ slot: Slot) -> Bool { slot.epoch == epoch }

  /// To be called immediately before a request is sent.
  /// - Returns: whether it may be sent. If not, a new slot has to be reserved: the slot is invalid, or it has passed, and
  ///   so have more slots than the burst may make up for.
  package mutating func use(_ slot: Slot, at now: ContinuousClock.Instant) -> Bool {
    guard isValid(slot) else { return false }
    guard let rate else { return true }
    guard now >= nextSend else {
      nextSlot = max(nextSlot, nextSend)
      return false
    }
    let interval = Duration.seconds(1 / rate)
    nextSend = max(nextSend, now - max(interval * (Self.burst - 1), Self.latenessMin)) + interval
    return true
  }

  /// Records any response except a refusal.
  package mutating func served(at now: ContinuousClock.Instant) { served.record(at: now) }

  /// Records a refusal, and halves the rate, or lowers it a little further if few requests were served.
  /// - Parameters:
  ///   - sentAt: when the refused request was sent. One that was in flight at a halving does not halve the rate again.
  ///   - wait: the wait that the server requested. No request at all is sent during it.
  ///   - chance: a random number in 0..<1.
  package mutating func refused(
    at now: ContinuousClock.Instant, sentAt: ContinuousClock.Instant, wait: Duration, chance: Double
  ) {
    // Measured before the new pause is excluded.
    let recent = served.recent(at: now)
    let extendsPause = wait > .zero && now + wait > pausedUntil
    if extendsPause {
      served.pause(from: max(now, pausedUntil), until: now + wait)
      pausedUntil = now + wait
    }
    let isSettled = settledAt.map { now >= $0 } ?? true
    let isNew = isSettled && (halvedAt.map { sentAt >= $0 } ?? true)
    if isNew { halve(at: now, served: recent) }
    if extendsPause || isNew { skipIntervals(at: now, chance: chance) }
  }

  private mutating func halve(at now: ContinuousClock.Instant, served recent: ServedRate.Recent) {
    // Without a ceiling, the rate before the refusal is the rate of served requests.
    let rateBefore = min(max(rate ?? max(recent.perSecond, Self.assumedRateMin), rateFloor * 2), Self.rateMax)
    let share = self.share ?? rateBefore
    self.share = share
    let resumesAt = max(now, pausedUntil)
    let pace = RateHalving.Pace(share: share, mayExceedShare: mayExceedShare)
    let halving = RateHalving(rateBefore: rateBefore, served: recent, pace: pace, resumesAt: resumesAt)
    let slowed = halving.rate(at: now)
    (self.halving, rate, halvedAt) = (halving, slowed, now)
    settledAt = resumesAt + .seconds(max(Self.settling, Self.settlingRequests / slowed))
  }

  /// Makes earlier slots invalid. The next one is at least one interval away, and after any pause.
  private mutating func skipIntervals(at now: ContinuousClock.Instant, chance: Double) {
    let interval = Duration.seconds(1 / (rate ?? Self.assumedRateMin))
    let range = Self.skippedIntervals
    let intervals = range.lowerBound + chance * (range.upperBound - range.lowerBound)
    epoch += 1
    nextSlot = max(now, pausedUntil - interval) + interval * intervals
  }

  private var rateFloor: Double { min(Self.rateMin, (share ?? ceiling) / 4) }

  private mutating func grow(at now: ContinuousClock.Instant) {
    guard let current = rate, current < ceiling else { return }
    if let halving {
      rate = min(max(halving.rate(at: now), rateFloor), ceiling)
    } else {
      let seconds = lastDoubling.duration(to: now).inSeconds
      guard seconds >= 0.25 else { return }
      lastDoubling = now
      rate = min(current * pow(2, min(seconds / Self.doubling, 1)), ceiling)
    }
  }
}
