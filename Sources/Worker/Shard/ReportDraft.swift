import Shared

/// A shard's report while it is being worked on.
struct ReportDraft {
  let plan: ShardPlan
  let kept: [Checkpoint.Kept]
  let requestID: String
  let startedAt: UnixTime
  let clock: ContinuousClock.Instant
  var written: [ShardWorker.Written] = []
  var requests = ShardReport.Requests()
  /// Why the worker cannot go on.
  var stopped: String?

  /// The report as things stand: the files that were there and those that were written, in order.
  var report: ShardReport {
    let old = kept.map {
      (number: $0.number, file: $0.file, absent: $0.absent, failed: [ShardReport.FailedFilm]())
    }
    let new = written.map { (number: $0.number, file: $0.file, absent: $0.absent, failed: $0.failed) }
    let files = (old + new).sorted { $0.number < $1.number }
    let isComplete = files.count == plan.files.count && files.allSatisfy(\.file.isComplete)
    return ShardReport(
      run: plan.run, shard: plan.shard,
      state: stopped != nil ? .stopped : isComplete ? .complete : .incomplete, stopped: stopped,
      films: plan.films.count, absent: files.flatMap(\.absent), failed: files.flatMap(\.failed),
      files: files.map(\.file), requests: requests, requestID: requestID, startedAt: startedAt.iso8601,
      seconds: clock.duration(to: .now).inSeconds, peakMemoryBytes: ProcessMemory.peakBytes)
  }
}

extension ShardReport {
  var logFields: KeyValuePairs<String, Log.Field> {
    [
      "run": .string("\(run)"), "shard": .integer(shard), "films": .integer(films),
      "absent": .integer(absent.count), "failed": .integer(failed.count), "files": .integer(files.count),
      "requests": .integer(requests.sent), "throttled": .integer(requests.throttled),
      "seconds": .number(seconds), "peakMemoryBytes": .integer(peakMemoryBytes),
    ]
  }
}
