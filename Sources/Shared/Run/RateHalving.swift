import Glibc

/// A reduction of the rate after a refusal, and the recovery from it: see `RatePacer`.
struct RateHalving: Sendable {
  /// The allowed rate as a fraction of the refused one (the same as in RFC 9438), if few responses were counted.
  private static let refusedFraction = 0.7
  /// The allowed rate as a fraction of the served one, if enough responses were counted.
  private static let servedFraction = 0.92
  /// The lowest allowed rate as a fraction of the refused one, if enough responses were counted.
  private static let refusedFractionMin = 0.4
  /// With fewer responses than this, `refusedFraction` is a better estimate than the served rate.
  private static let responsesMin = 24
  /// The rate is back at the allowed one after this many seconds or the time of `recoveryRequests`, whichever is
  /// longer. That time is counted at the share, or at `rateMin` if that is higher. Sixty workers that learn their
  /// ceiling only from refusals then have about one request in twenty refused.
  private static let recovery = 0.5
  private static let recoveryRequests = 20.0
  /// After that, the rate grows beyond the allowed one by an amount that starts at this fraction of the share, and
  /// grows e-fold in `growth` seconds or the time of `growthRequests` at the share, whichever is longer. A worker
  /// that may exceed its share probes sooner: it uses `growthRequestsBeyond`.
  private static let probing = 0.01
  private static let growth = 3.0
  private static let growthRequests = 24.0
  private static let growthRequestsBeyond = 8.0

  private var rateBefore: Double
  /// The rate that the server seems to allow.
  private(set) var allowed: Double
  private var resumesAt: ContinuousClock.Instant
  private var pace: Pace

  /// The pace of a recovery, the same for all of a run's workers.
  struct Pace {
    /// Seconds until the rate is back at the allowed one.
    fileprivate let recovery: Double
    /// Seconds in which the added rate grows e-fold.
    fileprivate let growth: Double
    /// The scale of the added rate, in requests per second.
    fileprivate let step: Double

    init(share: Double, mayExceedShare: Bool) {
      let share = max(share, RatePacer.rateMin)
      recovery = max(RateHalving.recovery, recoveryRequests / share)
      growth = max(RateHalving.growth, (mayExceedShare ? growthRequestsBeyond : growthRequests) / share)
      step = probing * share
    }
  }

  init(rateBefore: Double, served: ServedRate.Recent, pace: Pace, resumesAt: ContinuousClock.Instant) {
    self.rateBefore = rateBefore
    self.resumesAt = resumesAt
    self.pace = pace
    let fromServed = min(served.perSecond, rateBefore) * Self.servedFraction
    allowed =
      served.responses < Self.responsesMin
      ? rateBefore * Self.refusedFraction : max(fromServed, rateBefore * Self.refusedFractionMin)
  }

  /// Continues at the rate that an earlier worker learned, with the recovery already over.
  init(learned: Double, pace: Pace, now: ContinuousClock.Instant) {
    (rateBefore, allowed, self.pace) = (learned, learned, pace)
    resumesAt = now - .seconds(pace.recovery)
  }

  /// Continues at another pace. The rate changes by the factor and does not jump otherwise.
  mutating func adapt(to pace: Pace, scale factor: Double, at now: ContinuousClock.Instant) {
    let seconds = resumesAt.duration(to: now).inSeconds
    let added = (rate(at: now) - allowed) * factor
    let old = self.pace
    (rateBefore, allowed, self.pace) = (rateBefore * factor, allowed * factor, pace)
    guard seconds > 0 else { return }
    if seconds < old.recovery {
      resumesAt = now - .seconds(seconds / old.recovery * pace.recovery)
    } else {
      resumesAt = now - .seconds(pace.recovery + pace.growth * log(1 + max(0, added) / pace.step))
    }
  }

  func rate(at now: ContinuousClock.Instant) -> Double {
    let seconds = max(0, resumesAt.duration(to: now).inSeconds)
    let low = min(allowed, rateBefore / 2)
    if seconds < pace.recovery { return low + (allowed - low) * seconds / pace.recovery }
    return allowed + pace.step * (exp((seconds - pace.recovery) / pace.growth) - 1)
  }
}
