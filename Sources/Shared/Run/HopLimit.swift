/// The maximum number of hops: invocations that work on a shard one after the other.
package enum HopLimit {
  /// The limit is the forecast times `factor` plus `slack`, because some hops end early and some are slow.
  private static let factor = 2
  private static let slack = 10

  /// - Parameters:
  ///   - requests: the requests of the whole shard.
  ///   - rate: the worker's requests per second; nil without a ceiling.
  ///   - secondsPerHop: the time that Lambda gives an invocation.
  package static func hops(requests: Int, rate: Double?, secondsPerHop: Double) -> Int {
    let seconds = Double(requests) / (rate ?? Forecast.assumedWorkerRate)
    let forecast = min((seconds / max(secondsPerHop, 1)).rounded(.up), Double(RunLimits.hops.upperBound))
    return min(Int(forecast) * factor + slack, RunLimits.hops.upperBound)
  }
}
