/// When a run is due to have ended, for the alarm that goes off if it has not.
///
/// The dispatcher records 1 for that minute in advance, and the worker that ends the run records 0 for the same minute.
/// The alarm watches the minimum of each minute: 1 means that the run has not ended. Both derive the minute from the
/// plans and from the time when S3 stored the first plan, so a duplicate event changes nothing. If two runs are due in
/// the same minute, the one that has ended hides the other.
package enum OverdueAlarm {
  package static let metric = "RunUnfinished"

  /// The factor on the forecast, which allows for slow responses and for workers that die.
  private static let factor = 1.5
  /// Seconds added to that.
  private static let slack = 600.0
  /// CloudWatch accepts metrics up to 2 hours ahead, so a longer run has no such alarm.
  private static let aheadMax: Duration = .seconds(2 * 3600)

  /// The time when the run is due; nil if that is more than 2 hours after `plannedAt`.
  /// - Parameters:
  ///   - plannedAt: when S3 stored the plan of shard 0.
  ///   - films: the number of films in the whole run.
  ///   - plan: the plan of any shard.
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
