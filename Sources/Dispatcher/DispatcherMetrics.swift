import Shared

extension FanOut {
  /// Tells CloudWatch what was dispatched, and when the run is due. The run is on its way: what fails here fails nothing.
  func tellMetrics(_ answer: DispatcherResponse, _ plans: [ShardPlan], _ log: Log) async {
    let run = Log.Field.string("\(answer.run)")
    log.metrics(
      [
        .count("RunsDispatched", 1), .count("FilmsSelected", answer.films),
        .count("ShardsInvoked", answer.invoked), .count("ShardsNotInvoked", answer.notInvoked.count),
        .seconds("DispatchSeconds", answer.seconds),
      ], ["run": run])
    guard let plan = plans.first else { return }
    let listed: [S3Client.Listed]
    do {
      listed = try await services.s3.list(bucket: plan.destination.bucket, prefix: plan.layout.plan(shard: 0))
    } catch {
      return log.warn("no alarm will say when the run is overdue: \(error)", ["run": run])
    }
    guard let plannedAt = listed.first?.modifiedAt,
      let due = OverdueAlarm.time(plannedAt: plannedAt, films: answer.films, plan: plan)
    else { return }
    log.metrics([.count(OverdueAlarm.metric, 1)], at: due, ["run": run])
  }
}
