import Glibc

/// Says when the next request may be sent: evenly spaced, at a rate that is halved when the server refuses.
///
/// Workers that share a ceiling do not know of one another: each sees its own refusals alone. At any moment their rates
/// differ, but none stays high or low, and so they end near one another: a refusal takes a part of a worker's rate, and
/// what comes back afterwards is the same for every worker of a run, measured by its share and not by what it has
/// (additive increase, multiplicative decrease: Chiu and Jain, 1989). It comes back slowly at first, for each time that
/// it goes too far costs a refusal, and then faster and faster, so that what others leave over when they end is taken up
/// (the shape of TCP's CUBIC, RFC 9438).
/// Before the first refusal a rate below its ceiling doubles every two seconds, or from one request to the next where
/// they are further apart.
///
/// A pure value on a monotonic clock: the caller waits, and brings chance.
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
  /// A rate never falls below it, one request in ten seconds, nor below a quarter of its share where that is less.
  private static let rateMin = 0.1
  /// No rate that is counted grows beyond it.
  private static let rateMax = 10_000.0
  /// Without a ceiling, the least that counts as the rate there was: the first request may have been refused.
  private static let rateUnknown = 8.0
  /// Refusals that come within this time of the last halving, or of a few requests for the slow, belong to it: a
  /// server remembers a second.
  private static let settling = 1.0
  private static let settlingRequests = 2.0
  /// Requests left out after a refusal, by chance: the window that was full still is, and what is sent at once would
  /// only be refused too; workers that were refused together do not come back together.
  private static let leftOut = 1.0..<3.0

  /// A refusal, and the way back from it.
  private struct Halving {
    /// What is kept of a rate in the end (RFC 9438 has the same), and when what was served before can be counted, how
    /// near to that the rate comes, and how far below the refused one at the most.
    private static let kept = 0.7
    private static let known = 0.92
    private static let lowest = 0.4
    /// Fewer answers than these say less than `kept` does of what the server allows.
    private static let answersMin = 24
    /// Until the rate is back at what is kept: half a second, or as many requests of the share, or of the least rate
    /// where that is more, whichever is longer. Sixty workers that learn of their ceiling by refusals alone are then
    /// refused once in some twenty requests.
    private static let recovery = 0.5
    private static let recoveryRequests = 20.0
    /// What is added then, as a part of the share: it grows e-fold in so many seconds or requests of the share,
    /// whichever is longer. Who may go beyond the share looks sooner for more than who only comes back to it.
    private static let probing = 0.01
    private static let growth = 3.0
    private static let growthRequests = 24.0
    private static let growthRequestsBeyond = 8.0

    private let rateBefore: Double
    /// What the server seems to allow.
    let allowed: Double
    private let resumesAt: ContinuousClock.Instant
    private let pace: Pace

    /// How a rate comes back, the same for all of a run's workers: seconds until it is at what is kept, seconds in which
    /// what is added grows e-fold, and the requests a second that are added first.
    struct Pace {
      fileprivate let recovery: Double
      fileprivate let growth: Double
      fileprivate let step: Double

      init(share: Double, ceiling: Double) {
        let share = max(share, RatePacer.rateMin)
        recovery = max(Halving.recovery, recoveryRequests / share)
        growth = max(Halving.growth, (ceiling > share ? growthRequestsBeyond : growthRequests) / share)
        step = probing * share
      }
    }

    init(rateBefore: Double, served: ServedRate.Recent, pace: Pace, resumesAt: ContinuousClock.Instant) {
      self.rateBefore = rateBefore
      self.resumesAt = resumesAt
      self.pace = pace
      let found = min(served.perSecond, rateBefore) * Self.known
      allowed =
        served.answers < Self.answersMin ? rateBefore * Self.kept : max(found, rateBefore * Self.lowest)
    }

    /// What an earlier worker learned: its recovery is over.
    init(learned: Double, pace: Pace, now: ContinuousClock.Instant) {
      (rateBefore, allowed, self.pace) = (learned, learned, pace)
      resumesAt = now - .seconds(pace.recovery)
    }

    func rate(at now: ContinuousClock.Instant) -> Double {
      let seconds = max(0, resumesAt.duration(to: now).inSeconds)
      let low = min(allowed, rateBefore / 2)
      if seconds < pace.recovery { return low + (allowed - low) * seconds / pace.recovery }
      return allowed + pace.step * (exp((seconds - pace.recovery) / pace.growth) - 1)
    }
  }

  /// Requests a second; nil is no ceiling.
  package private(set) var rate: Double?
  /// The most that the rate grows to.
  private let ceiling: Double
  /// The worker's part of the run's requests a second; without a ceiling, the rate that it was first refused at.
  private var share: Double?
  private var halving: Halving?
  private var halvedAt: ContinuousClock.Instant?
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
    ceiling = share.ceiling ?? Self.rateMax
    self.share = share.evenShare ?? share.start
    pausedUntil = now
    lastDoubling = now
    served = ServedRate(since: now)
    if share.isLearned, let learned = share.start {
      let pace = Halving.Pace(share: share.evenShare ?? learned, ceiling: ceiling)
      halving = Halving(learned: learned, pace: pace, now: now)
    }
    nextSlot = share.start.map { now + Duration.seconds(share.phase / $0) } ?? now
  }

  /// What a later worker of the shard should start with: a rate that was halved only just is on its way back, and one
  /// at which nothing was refused feels its way up, however short the workers' times are.
  package var learned: Double? {
    rate.map { rate in
      let reached = max(rate, halving?.allowed ?? 0)
      return settledAt == nil ? min(reached * Self.step, ceiling) : reached
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

  /// The server refused a request: half as much is sent from now on, or somewhat less where little was served.
  /// - Parameters:
  ///   - sentAt: when it was sent. What was on its way at a halving does not halve again.
  ///   - wait: that the server asked for; nothing at all is sent meanwhile.
  ///   - chance: 0..<1.
  package mutating func refused(
    at now: ContinuousClock.Instant, sentAt: ContinuousClock.Instant, wait: Duration, chance: Double
  ) {
    // Counted before the coming silence is left out.
    let found = served.recent(at: now)
    let isLonger = wait > .zero && now + wait > pausedUntil
    if isLonger {
      served.pause(from: max(now, pausedUntil), until: now + wait)
      pausedUntil = now + wait
    }
    let isSettled = settledAt.map { now >= $0 } ?? true
    let isNews = isSettled && (halvedAt.map { sentAt >= $0 } ?? true)
    if isNews { halve(at: now, served: found) }
    if isLonger || isNews { leaveOut(at: now, chance: chance) }
  }

  private mutating func halve(at now: ContinuousClock.Instant, served found: ServedRate.Recent) {
    // Without a ceiling, the rate there was is what was served until now.
    let before = min(max(rate ?? max(found.perSecond, Self.rateUnknown), rateFloor * 2), Self.rateMax)
    let share = self.share ?? before
    self.share = share
    let resumesAt = max(now, pausedUntil)
    let pace = Halving.Pace(share: share, ceiling: ceiling)
    let halving = Halving(rateBefore: before, served: found, pace: pace, resumesAt: resumesAt)
    let slowed = halving.rate(at: now)
    (self.halving, rate, halvedAt) = (halving, slowed, now)
    settledAt = resumesAt + .seconds(max(Self.settling, Self.settlingRequests / slowed))
  }

  /// Makes earlier slots void. The next one is an interval away at least, and behind the silence.
  private mutating func leaveOut(at now: ContinuousClock.Instant, chance: Double) {
    let interval = Duration.seconds(1 / (rate ?? Self.rateUnknown))
    let requests = Self.leftOut.lowerBound + chance * (Self.leftOut.upperBound - Self.leftOut.lowerBound)
    epoch += 1
    nextSlot = max(now, pausedUntil - interval) + interval * requests
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
