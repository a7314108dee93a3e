/// How an invocation's time is divided: fetching, then finishing what is on its way, then writing it down.
package struct TimeBudget: Equatable, Sendable {
  /// No film is started after it.
  package let startUntil: ContinuousClock.Instant
  /// No request is sent after it: one that is sent has time to be answered, and is not sent again by the next hop.
  package var sendUntil: ContinuousClock.Instant { startUntil + startUntil.duration(to: finishBy) / 2 }
  /// Nothing is waited for after it; what is left is for writing and handing over.
  package let finishBy: ContinuousClock.Instant

  /// The last part of an invocation: at most 20 seconds, less for short ones.
  private static let reserveMax: Duration = .seconds(20)
  private static let reserveMin: Duration = .seconds(1)
  private static let reserveShare = 0.15

  /// - Parameter remaining: time until Lambda ends the invocation.
  package init(remaining: Duration, now: ContinuousClock.Instant) {
    let reserve = min(max(remaining * Self.reserveShare, Self.reserveMin), Self.reserveMax)
    startUntil = now + max(.zero, remaining - reserve)
    finishBy = now + max(.zero, remaining - reserve / 2)
  }

  /// Whether there is time to begin another shard: as much again as is kept back for the end.
  package func hasTime(at now: ContinuousClock.Instant) -> Bool {
    now.duration(to: startUntil) > startUntil.duration(to: finishBy) * 2
  }
}

/// How many invocations may work on a shard one after the other.
package enum HopLimit {
  /// Over the forecast: some hops end early, some are slow.
  private static let factor = 2
  private static let slack = 10

  /// - Parameters:
  ///   - rate: requests a second that the worker has; nil without a ceiling.
  ///   - secondsPerHop: an invocation's time.
  package static func hops(requests: Int, rate: Double?, secondsPerHop: Double) -> Int {
    let seconds = Double(requests) / (rate ?? Forecast.assumedWorkerRate)
    let forecast = min((seconds / max(secondsPerHop, 1)).rounded(.up), Double(RunLimits.hops.upperBound))
    return min(Int(forecast) * factor + slack, RunLimits.hops.upperBound)
  }
}
