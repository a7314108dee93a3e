/// When a run should be over: an alarm goes off when it then is not.
///
/// The dispatcher counts 1 for that minute, ahead of time, and whoever ends the run counts 0 for it. The alarm is on the
/// least value of a minute: 1 says that nobody ended the run. Both know the minute from the plans and from when S3 took
/// the first of them, so that an event that comes twice changes nothing. Of two runs that are due in one minute, the
/// one that ended hides the other.
package enum OverdueAlarm {
  package static let metric = "RunUnfinished"

  /// Over the forecast, for workers that die and answers that are slow.
  private static let factor = 1.5
  private static let slack = 600.0
  /// CloudWatch takes metrics up to 2 hours ahead; a longer run has no such alarm.
  private static let aheadMax: Duration = .seconds(2 * 3600)

  /// - Parameters:
  ///   - plannedAt: when S3 took the plan of shard 0.
  ///   - films: of the whole run.
  ///   - plan: of any shard.
  package static func time(plannedAt: UnixTime, films: Int, plan: ShardPlan) -> UnixTime? {
    let forecast = Forecast(
      Forecast.Terms(
        films: films, shards: plan.shards, files: 0, workers: plan.workers,
        requestsPerFilm: plan.lookup.requestsPerFilm, requestsPerSecond: plan.requestsPerSecond,
        rateScope: plan.rateScope, memory: 128, timeout: 900))
    let wait = Duration.seconds(forecast.seconds * factor + slack)
    return wait < aheadMax ? plannedAt + wait : nil
  }
}
