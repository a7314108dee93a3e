import Shared

/// A shard's report while it is being worked on.
struct ReportDraft {
  let plan: ShardPlan
  let kept: [Checkpoint.Kept]
  /// What earlier hops recorded in the lease.
  let earlierHops: Lease?
  let hop: Int
  let requestID: String
  private let clock: any SystemClock
  private let startedAt: UnixTime
  private let start: ContinuousClock.Instant
  var written: [ShardPipeline.Written] = []
  /// Requests that this hop sent to TMDB.
  var requests = ShardReport.Requests()
  var rate: Double?
  /// TMDB ids for the next hop: see `Lease.found`.
  var found: [String: Int] = [:]
  /// The shard's series, in which this session is still open.
  var series = ShardSeries()
  /// Whether every file is written.
  var isFinished = false
  /// Why the worker had to stop.
  var stopped: String?

  init(
    plan: ShardPlan, kept: [Checkpoint.Kept], earlierHops: Lease?, hop: Int, requestID: String,
    clock: any SystemClock
  ) {
    self.plan = plan
    self.kept = kept
    self.earlierHops = earlierHops
    self.hop = hop
    self.requestID = requestID
    self.clock = clock
    startedAt = clock.date
    start = clock.now
  }

  /// Seconds since this hop began.
  var seconds: Double { start.duration(to: clock.now).inSeconds }

  /// The report so far: the files that were kept and those that were written, in order.
  var report: ShardReport {
    let keptFiles = kept.map { (number: $0.number, file: $0.file, absent: $0.absent) }
    let writtenFiles = written.map { (number: $0.number, file: $0.file, absent: $0.absent) }
    let files = (keptFiles + writtenFiles).sorted { $0.number < $1.number }
    let absent = Set(files.flatMap(\.absent)).union(earlierHops?.absent ?? [])
    let state = state(files.map(\.file))
    return ShardReport(
      run: plan.run, shard: plan.shard, state: state, stopped: stopped,
      films: plan.films.count,
      absent: plan.films.filter { absent.contains($0) },
      failed: written.sorted { $0.number < $1.number }.flatMap(\.failed),
      files: files.map(\.file), requests: (earlierHops?.requests ?? ShardReport.Requests()) + requests,
      rate: rate,
      hop: hop, requestID: requestID, startedAt: startedAt.iso8601,
      seconds: seconds, peakMemoryBytes: ProcessMemory.peakBytes, base: plan.base?.run, refresh: refresh,
      series: series(ending: state))
  }

  private func series(ending state: ShardReport.State) -> ShardSeries {
    var series = series
    let end: ShardSeries.Ending =
      switch state {
      case .complete: .complete
      case .incomplete: .incomplete
      case .continuing: .handedOver
      case .stopped: .stopped
      }
    series.endSession(at: clock.date, end)
    return series
  }

  /// How many films were kept from the base so far and how many could not be; the other counts are those of the plan.
  /// Films whose file was gone when the run was planned are lost, too.
  private var refresh: RefreshCounts? {
    guard let base = plan.base else { return nil }
    var counts = base.counts
    counts.kept = 0
    let written = written.map { (number: $0.number, keptFilms: $0.keptFilms, isOver: $0.postponed == 0) }
    for file in kept.map({ (number: $0.number, keptFilms: $0.keptFilms, isOver: true) }) + written {
      counts.kept += file.keptFilms
      guard file.isOver else { continue }
      let films = plan.films(ofFile: file.number).indices
      counts.lost += max(0, base.keptCount(of: films) - file.keptFilms)
    }
    return counts
  }

  /// The films of the files that this hop has written or read, by file number.
  var index: [Int: [RunIndex.Film]] {
    let files =
      written.map { ($0.number, $0.index) }
      + kept.compactMap { kept in
        kept.index.map { (kept.number, $0) }
      }
    return Dictionary(files) { first, _ in first }
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
