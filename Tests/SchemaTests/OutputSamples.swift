@testable import Dispatcher
@testable import Elenco
@testable import Shared
@testable import Worker

/// Values of all types that Elenco writes as JSON: with every field, and with the required ones alone.
struct OutputSamples {
  /// A value and the schema of its JSON.
  struct Sample {
    let schema: String
    let value: any Encodable
    let encode: () throws -> [UInt8]

    init(_ schema: String, _ value: some Encodable) {
      self.init(schema, value) { try JSONText.encode(value) }
    }

    init(_ schema: String, _ value: some Encodable, _ encode: @escaping () throws -> [UInt8]) {
      (self.schema, self.value, self.encode) = (schema, value, encode)
    }
  }

  /// No optional field is nil, except those that a type never has together.
  var full: [Sample] = []
  /// Every optional field is nil.
  var least: [Sample] = []

  private let run = RunName(time: UnixTime(seconds: 1_795_489_200), id: "9c1b7c1e")
  private let other = RunName(time: UnixTime(seconds: 1_794_884_400), id: "0b6f2c11")
  private let destination = Destination(bucket: "my-lake", prefix: "Raw/TMDB/JSON/Atores")
  private let time = UnixTime(milliseconds: 1_795_489_200_120)
  private let failed = [ShardReport.FailedFilm(id: "tt0000679", reason: "TMDB responded 500")]
  private let counts = RefreshCounts()
  private let key = "Raw/TMDB/JSON/Atores/2026/11/24/Atores-T0-1.json"

  init() throws {
    addStored()
    addResponses()
    addCommands()
  }

  // MARK: - Objects in S3

  private func plan(_ base: ShardBase?, _ encoding: DataFileEncoding = DataFileEncoding()) -> ShardPlan {
    ShardPlan(
      run: run, date: "2026-11-24", shard: 0, shards: 2, destination: destination, filmsPerFile: 100,
      requestsPerSecond: 40, rateScope: .run, workers: 2, lookup: .find, genres: ["Drama"],
      encoding: encoding, base: base, films: ["tt0000009", "tt0000591"])
  }

  private func base(_ encoding: DataFileEncoding) -> ShardBase {
    ShardBase(
      run: other, encoding: encoding, files: [.init(key: key, sha256: SHA256.hex(of: []))], counts: counts,
      films: [
        .init(tmdbID: 1001, kept: .init(file: 0, fetchedOn: UnixDay(number: 20774))),
        .init(tmdbID: nil, kept: nil),
      ])
  }

  private func report(_ state: ShardReport.State, isFull: Bool) -> ShardReport {
    var report = ShardReport(
      run: run, shard: 0, state: state, stopped: state == .stopped ? "a reason" : nil, films: 2,
      absent: ["tt0000630"], failed: failed,
      files: [
        .init(
          key: key, films: 1, bytes: 90, sha256: SHA256.hex(of: []), isComplete: false, isResumed: false)
      ],
      requests: ShardReport.Requests(), requestID: "q", startedAt: time.iso8601, seconds: 0.5,
      peakMemoryBytes: 1)
    if isFull { (report.rate, report.base, report.refresh) = (0.5, other, counts) }
    return report
  }

  private mutating func addStored() {
    let gzipLines = DataFileEncoding(.lines, .gzip)
    let (fullPlan, leastPlan) = (plan(base(gzipLines), gzipLines), plan(base(DataFileEncoding())))
    full.append(Sample("plan", fullPlan) { try ShardPlanEncoder.encode(fullPlan) })
    least.append(Sample("plan", leastPlan) { try ShardPlanEncoder.encode(leastPlan) })
    let planWithoutBase = plan(nil)
    least.append(Sample("plan", planWithoutBase) { try ShardPlanEncoder.encode(planWithoutBase) })

    full.append(Sample("report", report(.stopped, isFull: true)))
    least.append(Sample("report", report(.complete, isFull: false)))
    least.append(Sample("report", report(.incomplete, isFull: false)))

    let reports = [report(.stopped, isFull: true), report(.incomplete, isFull: true)]
    full.append(Sample("manifest", Manifest(plan: fullPlan, reports: reports, cancelledAt: time.iso8601)))
    least.append(Sample("manifest", Manifest(plan: plan(nil), reports: [report(.complete, isFull: false)])))

    var lease = Lease(
      state: .handedOver, holder: "q+1/7", until: time, hop: 1, absent: ["tt0000630"],
      requests: ShardReport.Requests(), rate: 0.5, hopsMax: 10, found: ["tt0000591": 1002])
    lease.countedFrom = time.iso8601
    full.append(Sample("lease", lease))
    least += [Lease.State.held, .released].map {
      Sample(
        "lease",
        Lease(
          state: $0, holder: "q/7", until: time, hop: 0, absent: [], requests: ShardReport.Requests(),
          rate: nil))
    }

    full.append(Sample("latest-run", LatestRun(run: run, date: "2026-11-24", completedAt: time)))
    let selection = RunSelection(
      source: ObjectAddress(bucket: "my-lake", key: "movies.csv"), genres: ["Drama"], match: .within,
      titleTypes: ["movie"])
    full.append(
      Sample(
        "folder-owner",
        FolderOwner(
          run: run, selection: selection, replaced: other, settledAt: time, cancelledAt: time.iso8601)))
    least.append(Sample("folder-owner", FolderOwner(run: run, selection: nil)))
  }

  // MARK: - Responses

  private mutating func addResponses() {
    least.append(Sample("worker-response", report(.continuing, isFull: false)))
    let lease = Lease(
      state: .held, holder: "q/7", until: time, hop: 0, absent: [], requests: ShardReport.Requests(), rate: 1)
    full.append(Sample("worker-response", LeaseHeldResponse(plan: plan(nil), lease: lease)))
    let folder = ObjectAddress(bucket: "my-lake", key: "Raw/TMDB/JSON/Atores/2026/11/24/")
    full.append(
      Sample(
        "worker-response", RunReplacedResponse(RunReplaced(run: run, owner: other, folder: folder), shard: 0))
    )
    full.append(
      Sample("worker-response", RunCancelledResponse(RunCancelled(run: run, at: time.iso8601), shard: 0)))
    full.append(Sample("dispatcher-response", dispatched(workers: 60, isFull: true)))
    least.append(Sample("dispatcher-response", dispatched(workers: 1, isFull: false)))
  }

  /// - Parameter workers: so many that the forecast warns of the cost, or few.
  private func dispatched(workers: Int, isFull: Bool) -> DispatcherResponse {
    let terms = Forecast.Terms(
      films: 59_004, shards: 60, files: 600, workers: workers, requestsPerFilm: 2, requestsPerSecond: 40,
      rateScope: .run, memory: 128, timeout: 900)
    return DispatcherResponse(
      run: run, date: "2026-11-24", startedAt: time.iso8601,
      source: .init(
        bucket: "my-lake", key: "movies.csv", rows: 7, films: 7, rowsSkipped: 1, firstSkipped: ["row 2"]),
      destination: destination, films: 59_004, shards: 60, files: 600, filmsPerFile: 100,
      filmsPerShard: [984, 983], workers: workers, refresh: isFull ? .init(base: other, counts: counts) : nil,
      lookup: isFull ? .init(.direct, reason: "a reason") : nil, forecast: Forecast(terms), dryRun: false,
      warning: isFull ? "a warning" : nil, invoked: 59, notInvoked: [.init(shard: 1, reason: "a reason")],
      seconds: 0.9)
  }

  // MARK: - Commands

  private mutating func addCommands() {
    let followed = FollowedRun(dispatched(workers: 60, isFull: false))
    full.append(Sample("run-summary", JSONOnly(RunSummary(followed, RunProgress(followed), seconds: 1))))

    let row = StatusCommand.Row(
      shard: 0, state: .failed, films: 1, absent: 1, failed: 1, hop: 0, reason: "a reason",
      fix: "elenco replay r --shard 0")
    let waiting = StatusCommand.Row(
      shard: 1, state: .waiting, films: nil, absent: nil, failed: nil, hop: nil, reason: nil, fix: nil)
    full.append(
      Sample(
        "status",
        StatusCommand.Output(
          run: run, date: "2026-11-24", hasManifest: true, replacedBy: other, cancelledAt: time.iso8601,
          counts: ["failed": 1], shards: [row])))
    least.append(
      Sample(
        "status",
        StatusCommand.Output(
          run: run, date: "2026-11-24", hasManifest: false, replacedBy: nil, cancelledAt: nil,
          counts: ["waiting": 1], shards: [waiting])))

    full.append(Sample("runs", runs(films: 2)))
    least.append(Sample("runs", runs(films: nil)))

    // A film has either a line or a reason.
    least += [FilmLocation.State.written, .absent, .failed, .pending].map {
      Sample(
        "film",
        FilmCommand.Output(
          film: "tt0000009", run: run, state: $0, shard: 0, bucket: "my-lake", key: key,
          line: $0 == .written ? 1 : nil, bytes: $0 == .written ? 90 : nil,
          reason: $0 == .failed ? "a reason" : nil))
    }

    let line = #"{"level":"INFO","message":"m","requestId":"q","run":"\#(run)","shard":0,"films":2}"#
    full.append(Sample("log-line", LogLine(.init(stream: "s", time: time, message: line), source: .worker)))
    least.append(Sample("log-line", LogLine(.init(stream: "s", time: time, message: "m"), source: .worker)))

    var findings = VerifyCommand.Findings()
    least.append(Sample("verify", findings))
    findings.replacedBy = other
    full.append(Sample("verify", findings))
    full.append(
      Sample(
        "cancel", CancelCommand.Output(run: run, cancelledAt: time.iso8601, shards: 2, shardsComplete: 1)))
  }

  private func runs(films: Int?) -> RunsCommand.Output {
    RunsCommand.Output(
      destination: destination, count: 1,
      runs: [
        .init(
          run: run, date: "2026-11-24", plannedAt: time.iso8601, state: .running, films: films,
          filmsWritten: films, absent: films, failed: films, requests: films, bytes: films, shards: 2,
          shardsComplete: 1)
      ])
  }
}

/// A value whose stored properties are not all in its JSON, so that its optional ones may be nil.
private struct JSONOnly<Value: Encodable>: Encodable, CustomReflectable {
  let value: Value

  init(_ value: Value) { self.value = value }

  func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }

  var customMirror: Mirror { Mirror(self, children: []) }
}
