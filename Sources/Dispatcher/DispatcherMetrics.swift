import Shared

extension FanOut {
  /// Emits the dispatch metrics, and the overdue alarm's data point for the minute when the run should be finished.
  ///
  /// The workers are already invoked at this point, so an error is logged and does not fail the invocation.
  func emitMetrics(_ response: DispatcherResponse, _ plans: [ShardPlan], _ log: Log) async {
    let run = Log.Field.string("\(response.run)")
    log.metrics(
      [
        .count("RunsDispatched", 1), .count("FilmsSelected", response.films),
        .count("ShardsInvoked", response.invoked), .count("ShardsNotInvoked", response.notInvoked.count),
        .seconds("DispatchSeconds", response.seconds),
      ], ["run": run])
    guard let plan = plans.first else { return }
    let listed: [S3Client.Listed]
    do {
      listed = try await services.s3.list(bucket: plan.destination.bucket, prefix: plan.layout.plan(shard: 0))
    } catch {
      return log.warn("the overdue alarm is not set for this run: \(error)", ["run": run])
    }
    guard let plannedAt = listed.first?.modifiedAt,
      let due = OverdueAlarm.time(plannedAt: plannedAt, films: response.films, plan: plan)
    else { return }
    log.metrics([.count(OverdueAlarm.metric, 1)], at: due, ["run": run])
  }
}
