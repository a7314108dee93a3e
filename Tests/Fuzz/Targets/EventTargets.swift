import Shared

@testable import Dispatcher

extension FuzzTarget {
  /// The dispatcher's events in all their forms. The first byte chooses the function's defaults.
  static let dispatcherEvents = FuzzTarget(name: "dispatcher-events") { input in
    var reader = InputReader(input)
    var defaults = DispatcherEvent.Defaults()
    if reader.choice(of: 2) == 0 {
      (defaults.sourceBucket, defaults.sourceKey, defaults.bucket) = ("lake", "Raw/movies.csv", "lake")
    }
    let event: DispatcherEvent
    do {
      event = try DispatcherEvent(
        parsing: reader.bytes, defaults: defaults, now: UnixTime(seconds: 1_795_489_200),
        requestID: "53dc4d37-0000-4000-8000-000000000000")
    } catch { return try require(!"\(error)".isEmpty, "an error without a sentence") }
    try require(RunName("\(event.run)") == event.run, "\(event.run) is not a run's name")
    try require(RunLimits.shards.contains(event.shards), "\(event.shards) shards")
    try require(RunLimits.filmsPerFile.contains(event.filmsPerFile), "\(event.filmsPerFile) films per file")
    try require((1...event.shards).contains(event.workers), "\(event.workers) workers")
    try require(UnixTime(iso8601: "\(event.date)T00:00:00Z") != nil, "the date \(event.date)")
    try checkPlan(of: event)
  }

  /// The plan that follows from an event must be an event that a worker accepts, with the same plan.
  private static func checkPlan(of event: DispatcherEvent) throws {
    var plan = ShardPlan(
      run: event.run, date: event.date, shard: 0, shards: event.shards, destination: event.destination,
      filmsPerFile: event.filmsPerFile, requestsPerSecond: event.requestsPerSecond,
      rateScope: event.rateScope,
      workers: event.workers, lookup: event.lookup.lookup ?? .find, genres: event.genres,
      encoding: event.encoding,
      films: ["tt0000009", "tt0133093"])
    if event.refresh == .changed {
      let kept = ShardBase.Kept(file: 0, fetchedOn: UnixDay(number: 20_000))
      plan.base = ShardBase(
        run: event.base ?? event.run, encoding: event.encoding,
        files: [.init(key: plan.key(ofFile: 1), sha256: SHA256.hex(of: []))], counts: RefreshCounts(),
        films: [.init(tmdbID: event.maxAgeDays, kept: kept), .init(tmdbID: nil, kept: nil)])
    }
    let bytes = try ShardPlanEncoder.encode(plan)
    try require(bytes == JSONText.encode(plan), "the plan's encoder differs from JSONText")
    let read = try WorkerEvent(parsing: bytes, defaultBucket: nil, defaultPrefix: "elsewhere")
    try require(read.work == .plan(plan), "the worker reads another plan: \(read.work)")
  }

  /// The worker's events in all their forms.
  static let workerEvents = FuzzTarget(name: "worker-events") { input in
    let event: WorkerEvent
    do {
      event = try WorkerEvent(parsing: input, defaultBucket: "lake", defaultPrefix: "Raw")
    } catch { return try require(!"\(error)".isEmpty, "an error without a sentence") }
    try require(RunLimits.hops.contains(event.hop), "hop \(event.hop)")
    guard case .plan(let plan) = event.work else { return }
    let films = plan.files.flatMap { $0 }
    try require(films == plan.films, "the files have other films than the plan")
    let bytes = try ShardPlanEncoder.encode(plan)
    let elsewhere = Destination(bucket: "other", prefix: "elsewhere")
    let read = try ShardPlan(stored: bytes, destination: elsewhere)
    try require(read == plan, "the plan changes when it is written again")
  }
}
