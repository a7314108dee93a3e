import Shared

/// A shard's report while it is being worked on.
struct ReportDraft {
  let plan: ShardPlan
  let kept: [Checkpoint.Kept]
  /// What the hops before left.
  let earlier: Lease?
  let hop: Int
  let requestID: String
  private let clock: any SystemClock
  private let startedAt: UnixTime
  private let start: ContinuousClock.Instant
  var written: [ShardPipeline.Written] = []
  /// What this hop asked of TMDB.
  var requests = ShardReport.Requests()
  var rate: Double?
  /// Whether every file is written.
  var isFinished = false
  /// Why the worker cannot go on.
  var stopped: String?

  init(
    plan: ShardPlan, kept: [Checkpoint.Kept], earlier: Lease?, hop: Int, requestID: String,
    clock: any SystemClock
  ) {
    self.plan = plan
    self.kept = kept
    self.earlier = earlier
    self.hop = hop
    self.requestID = requestID
    self.clock = clock
    startedAt = clock.date
    start = clock.now
  }

  /// This hop's time so far.
  var seconds: Double { start.duration(to: clock.now).inSeconds }

  /// The report as things stand: the files that were there and those that were written, in order.
  var report: ShardReport {
    let old = kept.map { (number: $0.number, file: $0.file, absent: $0.absent) }
    let new = written.map { (number: $0.number, file: $0.file, absent: $0.absent) }
    let files = (old + new).sorted { $0.number < $1.number }
    let absent = Set(files.flatMap(\.absent)).union(earlier?.absent ?? [])
    return ShardReport(
      run: plan.run, shard: plan.shard, state: state(files.map(\.file)), stopped: stopped,
      films: plan.films.count,
      absent: plan.films.filter { absent.contains($0) },
      failed: written.sorted { $0.number < $1.number }.flatMap(\.failed),
      files: files.map(\.file), requests: (earlier?.requests ?? ShardReport.Requests()) + requests,
      rate: rate,
      hop: hop, requestID: requestID, startedAt: startedAt.iso8601,
      seconds: seconds, peakMemoryBytes: ProcessMemory.peakBytes)
  }

  private func state(_ files: [ShardReport.File]) -> ShardReport.State {
    if stopped != nil { return .stopped }
    guard isFinished else { return .continuing }
    return files.count == plan.files.count && files.allSatisfy(\.isComplete) ? .complete : .incomplete
  }
}

extension ShardReport {
  var logFields: KeyValuePairs<String, Log.Field> {
    [
      "run": .string("\(run)"), "shard": .integer(shard), "hop": .integer(hop), "films": .integer(films),
      "absent": .integer(absent.count), "failed": .integer(failed.count), "files": .integer(files.count),
      "requests": .integer(requests.sent), "throttled": .integer(requests.throttled),
      "seconds": .number(seconds), "peakMemoryBytes": .integer(peakMemoryBytes),
    ]
  }
}

extension Manifest {
  var logFields: KeyValuePairs<String, Log.Field> {
    [
      "run": .string("\(run)"), "films": .integer(filmsWritten), "absent": .integer(absent.count),
      "failed": .integer(failed.count), "files": .integer(files.count),
    ]
  }
}
