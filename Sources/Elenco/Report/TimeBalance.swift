import Shared

/// Why a run took longer or shorter than its forecast: the difference in seconds, divided among its causes.
///
/// The forecast is the time that a number of requests takes at a rate. In each bin of the page's time axis, the requests
/// that were missing to that rate are charged to one cause, so that all causes add up to the difference.
struct TimeBalance: Equatable, Sendable {
  let forecast: Double
  let actual: Double
  /// More requests than in the forecast, such as retries, or fewer.
  private(set) var requests = 0.0
  /// TMDB refused requests, and the rate had not recovered yet.
  private(set) var refusals = 0.0
  /// Fewer workers than planned, before the tail.
  private(set) var missingWorkers = 0.0
  /// The time at the end in which some shards had ended already.
  private(set) var tail = 0.0
  /// Anything else, such as slow responses. Negative if the workers were faster than the forecast's rate.
  private(set) var other = 0.0

  /// A bin in which this share of the planned workers is active has all of them: hops take a second or two.
  private static let fullShare = 0.95
  /// The rate has recovered from refusals at this share of what it was before.
  private static let recoveredShare = 0.9

  /// - Returns: nil unless the run has ended and its reports and forecast have what is needed.
  init?(_ run: RunHistory) {
    guard run.hasSeries, run.shardsWithoutSeries == 0,
      run.shards.allSatisfy({ $0.report != nil && $0.state != .running }),
      let forecast = run.forecast, forecast.requests > 0, forecast.seconds > 0
    else { return nil }
    let (bins, rate) = (run.bins, Double(forecast.requests) / forecast.seconds)
    self.forecast = forecast.seconds
    actual = run.scale.seconds
    requests = (bins.sent.reduce(0, +) - Double(forecast.requests)) / rate
    let workers = Double(min(run.plan.workers, run.plan.shards))
    let isFull = bins.active.map { $0 >= workers * Self.fullShare }
    let lastFull = isFull.lastIndex(of: true) ?? bins.count
    var rateBefore: Double?
    for bin in 0..<bins.count {
      let seconds = run.scale.seconds(from: bins.place(bin), to: bins.place(bin + 1))
      let lost = seconds - bins.sent[bin] / rate
      let sentRate = bins.sent[bin] / max(bins.binSeconds, 0.001)
      if bins.throttled[bin] > 0 {
        rateBefore =
          rateBefore ?? Self.mean(bins.sent[max(0, bin - 5)..<bin]).map { $0 / bins.binSeconds } ?? rate
      } else if let before = rateBefore, bin > lastFull || sentRate >= before * Self.recoveredShare {
        rateBefore = nil
      }
      if rateBefore != nil {
        refusals += lost
      } else if bin > lastFull {
        tail += lost
      } else if !isFull[bin] {
        missingWorkers += lost
      } else {
        other += lost
      }
    }
    // What gained time is not the cause of a loss.
    for cause in [\TimeBalance.refusals, \.missingWorkers, \.tail] where self[keyPath: cause] < 0 {
      other += self[keyPath: cause]
      self[keyPath: cause] = 0
    }
  }

  private static func mean(_ numbers: ArraySlice<Double>) -> Double? {
    numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
  }
}
