import TestSupport
import Testing

@testable import Dispatcher
@testable import Shared
@testable import Worker

/// A whole run in virtual time: writes the plans, invokes the workers, and inspects the results.
struct SimulatedRun {
  struct Size {
    var shards: Int
    var filmsPerShard: Int
    var filmsPerFile: Int
    var workers: Int
    var requestsPerSecond: Double
    var rateScope = RateScope.run
    var timeout: Duration = .seconds(900)
    var lease: Duration = .seconds(60)
    var encoding = DataFileEncoding()
  }

  /// One virtual day. A run that takes longer counts as one that never ends.
  private static let timeLimit: Duration = .seconds(86_400)

  let size: Size
  let loop: SimulatedLoop
  let store: SimulatedStore
  let tmdb: SimulatedTMDB
  let lambda: SimulatedLambda
  let plans: [ShardPlan]
  /// The dispatcher's plan; nil for a run whose plans are written directly.
  var runPlan: RunPlan?

  init(seed: UInt64, _ size: Size, faults: SimulatedLambda.FaultRates = .init()) throws {
    self.size = size
    store = SimulatedStore()
    loop = SimulatedLoop(seed: seed)
    let films = size.shards * size.filmsPerShard
    tmdb = SimulatedTMDB(films: films)
    lambda = SimulatedLambda(
      loop: loop, store: store, tmdb: tmdb, timeout: size.timeout, lease: LeaseTerms(term: size.lease),
      faults: faults)
    let run = try #require(RunName("simulated"))
    plans = Partition.ranges(of: films, shards: size.shards).enumerated().map { shard, range in
      ShardPlan(
        run: run, date: "2026-11-24", shard: shard, shards: size.shards,
        destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: size.filmsPerFile,
        requestsPerSecond: size.requestsPerSecond, rateScope: size.rateScope, workers: size.workers,
        lookup: .find, genres: ["Drama"], encoding: size.encoding, films: range.map(SimulatedTMDB.id))
    }
    for plan in plans {
      _ = store.put(
        plan.layout.plan(shard: plan.shard), try JSONText.encode(plan), metadata: [], .isNew, at: loop.date)
    }
  }

  /// A later run of the same day in the same folder. Its plans are the dispatcher's own.
  /// - Parameters:
  ///   - earlier: supplies the loop, S3, TMDB and Lambda.
  ///   - films: numbers of the selected films, below those of `earlier`'s TMDB.
  ///   - event: the dispatcher's event.
  init(_ event: String, films: Range<Int>, after earlier: SimulatedRun) throws {
    loop = earlier.loop
    tmdb = earlier.tmdb
    lambda = earlier.lambda
    store = earlier.store
    size = earlier.size
    let event = try Self.parse(event)
    runPlan = RunPlan(event, run: event.run, films: films.map(SimulatedTMDB.id), date: "2026-11-24")
    plans = runPlan?.shards ?? []
  }

  /// A later run with these plans, which are written to S3.
  /// - Parameter earlier: supplies the loop, S3, TMDB and Lambda.
  init(_ plans: [ShardPlan], _ size: Size, after earlier: SimulatedRun) throws {
    loop = earlier.loop
    tmdb = earlier.tmdb
    lambda = earlier.lambda
    store = earlier.store
    self.size = size
    self.plans = plans
    for plan in plans {
      _ = store.put(
        plan.layout.plan(shard: plan.shard), try JSONText.encode(plan), metadata: [], .isNew, at: loop.date)
    }
  }

  /// Plans a run of a day as the dispatcher does, up to the plans themselves. Takes the day's folder.
  /// - Returns: the plan; nil if the dispatcher failed.
  func prepare(_ text: String, films: [String], date: String) throws -> RunPlan? {
    let event = try Self.parse(text)
    let process = SimulatedProcess(loop: loop)
    let client = SimulatedStoreClient(store: store, process: process)
    let tmdb = tmdb
    let dependencies = DispatcherDependencies(
      objects: client, openTMDB: { SimulatedTMDBClient(tmdb: tmdb, process: process) }, forgetToken: {},
      clock: process, randomness: process)
    let terms = LeaseTerms(term: size.lease)
    let planned = Box<RunPlan>()
    Task(executorPreference: loop) {
      let base = try await BaseRun.find(
        event.base, for: event.run, destination: event.destination, objects: client)
      let plan = RunPlan(event, run: event.run, films: films, date: date)
      _ = try await FolderClaim(objects: client, plan: plan, terms: terms)?.take(now: process.date)
      let server = DispatcherTMDB(dependencies)
      let preparation = RunPreparation(
        dependencies: dependencies, tmdb: server,
        timeBudget: TimeBudget(remaining: .seconds(450), now: process.now))
      let prepared = try await preparation.prepare(plan, base: base, isPlanned: false)
      try await server.waitForCeiling()
      planned.value = prepared.plan
    }
    #expect(loop.run(limit: Self.timeLimit))
    return planned.value
  }

  /// Safety of `@unchecked Sendable`: used only on the loop's thread.
  private final class Box<Value>: @unchecked Sendable {
    var value: Value?
  }

  private static func parse(_ text: String) throws -> DispatcherEvent {
    var defaults = DispatcherEvent.Defaults()
    (defaults.bucket, defaults.prefix) = ("lake", "p")
    (defaults.sourceBucket, defaults.sourceKey) = ("lake", "movies.csv")
    return try DispatcherEvent(
      parsing: Array(text.utf8), defaults: defaults, now: UnixTime(seconds: 1_795_489_200),
      requestID: "request")
  }

  /// Claims the folder, writes the plans and invokes the workers, with the dispatcher's own code for the claim.
  /// - Parameter failed: called if the folder is refused.
  func dispatch(refused: @escaping @Sendable (FolderTaken) -> Void = { _ in }) throws {
    let process = SimulatedProcess(loop: loop)
    let client = SimulatedStoreClient(store: store, process: process)
    let claim = FolderClaim(
      objects: client, plan: try #require(runPlan), terms: LeaseTerms(term: size.lease))
    let run = self
    Task(executorPreference: loop) {
      do { _ = try await claim?.take(now: process.date) } catch let error as FolderTaken {
        return refused(error)
      }
      for plan in run.plans {
        let object = ObjectAddress(bucket: "lake", key: plan.layout.plan(shard: plan.shard))
        try await client.putJSON(object, plan, condition: .isNew)
      }
      for plan in run.plans.prefix(run.plans.first?.workers ?? 0) {
        run.lambda.send(try JSONText.encode(plan))
      }
    }
  }

  private var layout: RunLayout { plans[0].layout }

  /// Keys in the day's folder, whichever run wrote them.
  var folderKeys: [String] { store.list(layout.dataFolder).map(\.key) }

  /// Keys that the folder contains if it is exactly this run's, computed from the plans.
  var expectedKeys: [String] {
    let files = plans.flatMap { plan in
      (1...max(1, plan.files.count)).map { "p/2026/11/24/Atores-T\(plan.shard)-\($0).json" }
    }
    return (files + ["p/2026/11/24/_SUCCESS"]).sorted()
  }

  /// Invokes the workers and runs the simulation to its end.
  /// - Parameter alive: how many workers are invoked; nil for all of the plan.
  func run(alive: Int? = nil) throws {
    for plan in plans.prefix(alive ?? size.workers) { lambda.send(try JSONText.encode(plan)) }
    #expect(loop.run(limit: Self.timeLimit), "the run did not end within a virtual day")
  }

  /// Replays the incomplete shards until the run is complete, as a person would after every attempt of a worker failed.
  /// - Returns: the number of replays.
  func replayUntilComplete() -> Int {
    var replays = 0
    while !isComplete, replays < 100 {
      let incomplete = plans.filter { !isComplete($0) }
      // If only the manifest is missing, any shard will do, as `elenco status` recommends.
      for plan in incomplete.isEmpty ? [plans[0]] : incomplete {
        replays += 1
        lambda.send(Array(#"{"run":"\#(plan.run)","shard":\#(plan.shard)}"#.utf8))
      }
      guard loop.run(limit: Self.timeLimit) else { break }
    }
    return replays
  }

  func delete(_ key: String) { _ = store.delete(key, ifUnchanged: nil) }

  /// Overwrites an object.
  func replace(_ key: String, with text: String) {
    _ = store.put(key, Array(text.utf8), metadata: [], .none, at: loop.date)
  }

  var isComplete: Bool { store.objects[layout.success] != nil }

  private func isComplete(_ plan: ShardPlan) -> Bool {
    let bytes = store.objects[layout.report(shard: plan.shard)]?.bytes
    return bytes.flatMap { try? JSONText.decode(ShardReport.self, from: $0) }?.state == .complete
  }

  /// Number of times that the run's manifest was written.
  var manifestWrites: Int { store.writes[layout.manifest] ?? 0 }

  func manifest() throws -> Manifest {
    try JSONText.decode(Manifest.self, from: try #require(store.objects[layout.manifest]).bytes)
  }

  /// Number of credits responses beyond the first one for each film.
  var refetchedCredits: Int { tmdb.served.reduce(0) { $0 + max(0, $1 - 1) } }

  /// Number of find responses beyond the first one for each film.
  var repeatedFinds: Int { tmdb.finds.reduce(0) { $0 + max(0, $1 - 1) } }

  /// Keys of the data files that are missing or have unexpected bytes.
  /// - Parameter response: the expected response for a film, nil if it is absent; by default what TMDB has now.
  func wrongFiles(_ response: ((Int) -> [UInt8]?)? = nil) -> [String] {
    let response = response ?? { tmdb.isAbsent($0) ? nil : tmdb.credits(of: $0) }
    var wrong: [String] = []
    for plan in plans {
      for (index, films) in plan.files.enumerated() {
        let numbers = films.compactMap { Int($0.dropFirst(2)) }.map { $0 - 1_000_000 }
        let expected = content(of: numbers.compactMap { film in response(film).map { (film, $0) } })
        let key =
          "p/\(plan.date.replacing("-", with: "/"))/Atores-T\(plan.shard)-\(index + 1)" + size.encoding.ending
        if content(key).map({ $0.elementsEqual(expected.utf8) }) != true { wrong.append(key) }
      }
    }
    return wrong
  }

  /// The decompressed content of a data file; nil if it does not exist.
  func content(_ key: String) -> [UInt8]? {
    guard let bytes = store.objects[key]?.bytes else { return nil }
    guard size.encoding.compression == .gzip else { return bytes }
    return try? Gzip.decompress(bytes, bytesMax: 1 << 20)
  }

  private func content(of films: [(Int, [UInt8])]) -> String {
    content(
      of: films.map { film, response in
        (id: SimulatedTMDB.id(of: film), text: String(decoding: response, as: UTF8.self))
      })
  }

  /// The content of a data file with these films and responses.
  func content(of responses: [(id: String, text: String)]) -> String {
    guard size.encoding.format == .lines else {
      return "{" + responses.map { "\"\($0.id)\":\($0.text)" }.joined(separator: ",\n") + "}\n"
    }
    return responses.map { id, text in
      let members = text.utf8.drop { $0 != UInt8(ascii: "{") }.dropFirst()
      let line = members.map { $0 == 10 || $0 == 13 ? UInt8(ascii: " ") : $0 }
      return "{\"imdb_id\":\"\(id)\"," + String(decoding: line, as: UTF8.self) + "\n"
    }.joined()
  }

  /// The bytes of every data file.
  var dataFiles: [String: [UInt8]] {
    store.objects.filter { $0.key.hasPrefix(layout.dataFolder + "Atores-T") }.mapValues(\.bytes)
  }

  /// Replays one shard to its end.
  func replay(shard: Int, _ replay: Replay) {
    lambda.send(Array(#"{"run":"simulated","shard":\#(shard),"replay":"\#(replay.rawValue)"}"#.utf8))
    #expect(loop.run(limit: Self.timeLimit))
  }

  /// Sends an event for each incomplete shard that resumes the run.
  func sendResumptions(cancelledAt time: String) {
    for plan in plans where !isComplete(plan) {
      lambda.send(Array(#"{"run":"\#(plan.run)","shard":\#(plan.shard),"resume":"\#(time)"}"#.utf8))
    }
  }

  /// Resumes the run and runs the simulation to its end.
  func resume(cancelledAt time: String) {
    sendResumptions(cancelledAt: time)
    #expect(loop.run(limit: Self.timeLimit))
  }

  /// The shards' leases.
  func leases() throws -> [Lease] {
    try store.list(layout.leases).compactMap { store.objects[$0.key] }
      .map { try JSONText.decode(Lease.self, from: $0.bytes) }
  }

  /// Keys of the leases that were not released.
  func openLeases() -> [String] {
    store.list(layout.leases).map(\.key).filter { key in
      store.objects[key].flatMap { try? JSONText.decode(Lease.self, from: $0.bytes) }?.state != .released
    }
  }
}
