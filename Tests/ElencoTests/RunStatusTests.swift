import Testing

@testable import Elenco
@testable import Shared

@Suite("Run status") struct RunStatusTests {
  private static let start = UnixTime(seconds: 1_795_489_200)

  /// A run of six shards, whose states after 110 s are complete, failed, running (with a stopped report), running, dead
  /// and waiting.
  private static func status(after seconds: Int) throws -> RunStatus {
    let run = try #require(RunName("r"))
    let plan = ShardPlan(
      run: run, date: "2026-11-24", shard: 0, shards: 6,
      destination: Destination(bucket: "lake", prefix: "p"),
      filmsPerFile: 100, requestsPerSecond: 40, rateScope: .run, workers: 6, lookup: .find, genres: ["Drama"],
      films: [])
    let layout = plan.layout
    var listing = (0..<6).map { (key: layout.plan(shard: $0), modifiedAt: start) }
    listing += (0..<3).map { (layout.report(shard: $0), start + .seconds(100)) }
    listing += (0..<4).map { (layout.lease(shard: $0), start + .seconds(100)) }
    listing.append((layout.lease(shard: 4), start + .seconds(10)))
    let reports = [ShardReport.State.complete, .incomplete, .stopped].enumerated().map { shard, state in
      report(run, shard, state)
    }
    let runListing = RunListing(
      objects: listing, layout: layout, now: start + .seconds(seconds), terms: .standard)
    return RunStatus(plan: plan, listing: runListing, reports: reports)
  }

  private static func report(_ run: RunName, _ shard: Int, _ state: ShardReport.State) -> ShardReport {
    ShardReport(
      run: run, shard: shard, state: state, films: 0, absent: [], failed: [], files: [],
      requests: ShardReport.Requests(), requestID: "q", startedAt: "", seconds: 0, peakMemoryBytes: 0)
  }

  @Test("the status shows the state of each shard and which shards need a replay")
  func states() throws {
    let busy = try Self.status(after: 110)
    #expect(
      (0..<6).map { busy.state(of: $0) } == [.complete, .failed, .running, .running, .dead, .waiting])
    #expect((0..<6).filter { busy.needsReplay($0) } == [1, 4])
    // Running workers share the rate with the replayed ones.
    #expect(busy.workers(replaying: [1]) == 3)
    #expect(busy.workers(replaying: [2]) == 2)
    #expect(busy.toReplay == [1, 4])
    // No worker is left that could take the waiting shard.
    let quiet = try Self.status(after: 600)
    #expect((0..<6).map { quiet.state(of: $0) } == [.complete, .failed, .stopped, .dead, .dead, .waiting])
    #expect(quiet.toReplay == [1, 2, 3, 4, 5])
    #expect(quiet.workers(replaying: [3]) == 1)
  }

  @Test("if every shard is complete and only the manifest is missing, one worker is invoked to write it")
  func manifestMissing() throws {
    let run = try #require(RunName("r"))
    func status(after seconds: Int, hasManifest: Bool) -> RunStatus {
      let plan = ShardPlan(
        run: run, date: "2026-11-24", shard: 0, shards: 2,
        destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: 100, requestsPerSecond: 40,
        rateScope: .run, workers: 2, lookup: .find, genres: ["Drama"], films: [])
      var listing = (0..<2).flatMap { shard in
        [plan.layout.plan(shard: shard), plan.layout.report(shard: shard)].map { ($0, Self.start) }
      }
      if hasManifest { listing.append((plan.layout.manifest, Self.start)) }
      let runListing = RunListing(
        objects: listing.map { (key: $0.0, modifiedAt: $0.1) }, layout: plan.layout,
        now: Self.start + .seconds(seconds), terms: .standard)
      return RunStatus(
        plan: plan, listing: runListing, reports: (0..<2).map { Self.report(run, $0, .complete) })
    }
    #expect(status(after: 600, hasManifest: false).toReplay == [0])
    #expect(status(after: 600, hasManifest: true).toReplay == [])
    // The last worker might still write it.
    #expect(status(after: 1, hasManifest: false).toReplay == [])
  }

  @Test("every shard of a cancelled run that is not complete is replayed, until the run is resumed")
  func cancelled() throws {
    var status = try Self.status(after: 110)
    status.owner = FolderOwner(
      run: status.plan.run, selection: nil, cancelledAt: "2026-11-24T03:01:00.000Z")
    #expect(status.cancelledAt == "2026-11-24T03:01:00.000Z")
    #expect(status.toReplay == [1, 2, 3, 4, 5])
    status.owner?.cancelledAt = nil
    #expect(status.cancelledAt == nil && status.toReplay == [1, 4])
    // The folder's next run is the one that was cancelled.
    status.owner = FolderOwner(
      run: try #require(RunName("other")), selection: nil, cancelledAt: "2026-11-24T03:01:00.000Z")
    #expect(status.cancelledAt == nil && status.replacedBy == RunName("other"))
    #expect(status.toReplay == [])
    #expect(throws: ReplayOfReplacedRun.self) { try status.requireReplayable() }
  }

  @Test(
    "once every shard has ended, a manifest of a cancellation does not count, nor does one without _SUCCESS")
  func staleManifest() throws {
    let run = try #require(RunName("r"))
    let plan = ShardPlan(
      run: run, date: "2026-11-24", shard: 0, shards: 1,
      destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: 100, requestsPerSecond: 40,
      rateScope: .run, workers: 1, lookup: .find, genres: ["Drama"], films: [])
    let keys = [plan.layout.plan(shard: 0), plan.layout.report(shard: 0), plan.layout.manifest]
    let listing = RunListing(
      objects: keys.map { (key: $0, modifiedAt: Self.start) }, layout: plan.layout,
      now: Self.start + .seconds(600), terms: .standard)
    for (isStale, lacksSuccess, shards) in [
      (true, false, [0]), (false, true, [0]), (false, false, []),
    ] {
      let status = RunStatus(
        plan: plan, listing: listing, reports: [Self.report(run, 0, .complete)],
        hasManifestOfCancellation: isStale, lacksSuccess: lacksSuccess)
      #expect(status.toReplay == shards)
    }
  }
}
