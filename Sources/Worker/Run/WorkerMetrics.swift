import Shared

/// The metrics that a worker writes to its log for CloudWatch.
extension Log {
  /// Logs what one invocation did for one shard. Sums over a run's lines give the run's totals. A film counts when its
  /// file is complete.
  func shardWorked(_ draft: ReportDraft) {
    let complete = draft.written.filter(\.file.isComplete)
    metrics(
      [
        .count("Films", complete.reduce(0) { $0 + $1.file.films }),
        .count("FilmsAbsent", complete.reduce(0) { $0 + $1.absent.count }),
        .count("FilmsFailed", draft.written.reduce(0) { $0 + $1.failed.count }),
        .count("Files", complete.count),
        .count("Requests", draft.requests.sent), .count("RequestsThrottled", draft.requests.throttled),
        .seconds("ShardSeconds", draft.seconds),
      ],
      [
        "run": .string("\(draft.plan.run)"), "shard": .integer(draft.plan.shard), "hop": .integer(draft.hop),
      ])
  }

  /// Logs the end of the run.
  /// - Parameter isFirst: whether this worker wrote the run's first manifest. Only then does the run count as ended, so
  ///   that it counts once.
  func runEnded(
    _ manifest: Manifest, isFirst: Bool, _ listing: RunListing, _ plan: ShardPlan, at time: UnixTime
  ) {
    guard let plannedAt = listing.plannedAt else { return }
    let run = Log.Field.string("\(manifest.run)")
    if isFirst {
      metrics(
        [.count("RunsEnded", 1), .seconds("RunSeconds", plannedAt.duration(to: time).inSeconds)],
        ["run": run, "isComplete": .bool(manifest.isComplete)])
    }
    runStopped(films: manifest.films, listing, plan)
  }

  /// Logs that the run is not overdue, because it has ended or was stopped.
  /// - Parameter films: the number of films in all the run's plans.
  func runStopped(films: Int, _ listing: RunListing, _ plan: ShardPlan) {
    guard let plannedAt = listing.plannedAt,
      let due = OverdueAlarm.time(plannedAt: plannedAt, films: films, plan: plan)
    else { return }
    metrics([.count(OverdueAlarm.metric, 0)], at: due, ["run": .string("\(plan.run)")])
  }
}
