import Shared

@testable import Elenco
@testable import Worker

extension FuzzTarget {
  /// What Elenco stores in S3 and reads again: plans, reports, leases, manifests, folder owners, and the dispatcher's
  /// response. The first byte chooses which.
  static let records = FuzzTarget(name: "records") { input in
    var reader = InputReader(input)
    switch reader.choice(of: 6) {
    case 0: try storedPlan(reader.bytes).map(use)
    case 1: try roundTrip(ShardReport.self, reader.bytes).map(use)
    case 2: try roundTrip(Lease.self, reader.bytes).map(use)
    case 3: try roundTrip(Manifest.self, reader.bytes).map(use)
    case 4: try roundTrip(FolderOwner.self, reader.bytes).map(use)
    default: try roundTrip(DispatcherResponse.self, reader.bytes).map(use)
    }
  }

  /// A shard's part of a run's index. What is read must come back as it was when it is written again.
  static let indexes = FuzzTarget(name: "indexes") { input in
    var films: [RunIndex.Film] = []
    do { try RunIndex.parse(input) { films.append($0) } } catch {
      return try require(!"\(error)".isEmpty, "an error without a sentence")
    }
    var again: [RunIndex.Film] = []
    try RunIndex.parse(RunIndex.encode(films)) { again.append($0) }
    try require(again == films, "the index changes when it is written again")
  }

  /// Parses a stored plan, and checks that it comes back as it was. Nil if it is not a plan.
  private static func storedPlan(_ bytes: [UInt8]) throws -> ShardPlan? {
    let destination = Destination(bucket: "lake", prefix: "Raw")
    guard let plan = try? ShardPlan(stored: bytes, destination: destination) else { return nil }
    let again = try ShardPlan(stored: JSONText.encode(plan), destination: destination)
    try require(again == plan, "the plan changes when it is stored")
    return plan
  }

  /// Decodes a record, and checks that it comes back as it was when it is stored again. Nil if it cannot be decoded.
  private static func roundTrip<Record: Codable & Equatable>(
    _ type: Record.Type, _ bytes: [UInt8]
  ) throws -> Record? {
    guard let record = try? JSONText.decode(type, from: bytes) else { return nil }
    let stored = try JSONText.encode(record)
    let again = try JSONText.decode(type, from: stored)
    try require(again == record, "\(type) changes when it is stored")
    return record
  }

  private static let plan = ShardPlan(
    run: RunName(time: UnixTime(seconds: 1_795_489_200), id: "53dc4d37"), date: "2026-11-24", shard: 0,
    shards: 2,
    destination: Destination(bucket: "lake", prefix: "Raw"), filmsPerFile: 100, requestsPerSecond: 40,
    rateScope: .run, workers: 2, lookup: .find, genres: ["Drama"], films: ["tt0000009"])

  private static func use(_ plan: ShardPlan) throws {
    try require(plan.files.flatMap { $0 } == plan.films, "the files have other films than the plan")
    let now = UnixTime(seconds: 1_795_489_200)
    let listing = RunListing(
      objects: [(plan.layout.plan(shard: 0), now)], layout: plan.layout, now: now, terms: .standard)
    let status = RunStatus(plan: plan, listing: listing, reports: [])
    try require(status.toReplay.allSatisfy { (0..<plan.shards).contains($0) }, "replay of a foreign shard")
    _ = status.workers(replaying: [0])
  }

  private static func use(_ report: ShardReport) throws {
    let manifest = Manifest(plan: plan, reports: [report, report])
    try require(manifest.files.count == 2 * report.files.count, "the manifest has other files")
    _ = FailedFilms.table(report.failed, generos: [:], genres: plan.genres)
    _ = VerifyCommand.foreignFiles(report.files.map(\.key), manifest)
  }

  private static func use(_ lease: Lease) throws {
    let now = UnixTime(seconds: 1_795_489_200)
    _ = lease.requests + lease.requests
    for isRenewed in [false, true] {
      let decision = LeaseDecision(
        lease, handOverToken: "token", now: now, firstSeen: now, isRenewed: isRenewed, terms: .standard)
      if !lease.holds(at: now) {
        try require(decision == .take, "an expired lease is respected: \(decision)")
      }
    }
  }

  private static func use(_ manifest: Manifest) throws {
    let findings = VerifyCommand.compare(
      manifest, planned: manifest.absent, checked: manifest.files.map { _ in ["tt0000009"] })
    try require(findings.files <= manifest.files.count, "more files than the manifest has")
  }

  private static func use(_ owner: FolderOwner) throws {
    let run = RunName(time: UnixTime(seconds: 0), id: "other")
    let selection = RunSelection(
      source: ObjectAddress(bucket: "lake", key: "movies.csv"), genres: ["Drama"], match: .within,
      titleTypes: ["movie"])
    let decision = FolderDecision(
      owner: owner, run: run, selection: selection, onExisting: nil, hasDataFiles: true)
    try require(decision != .take || owner.selection == selection, "another run's folder is taken")
    _ = owner.settledAt.flatMap { UnixTime(iso8601: $0) }
  }

  private static func use(_ response: DispatcherResponse) throws {
    var progress = RunProgress(FollowedRun(response))
    for file in [1, 2, Int.max] { progress.record(RunProgress.DataFile(shard: 0, file: file)) }
    try require(
      progress.filmsDone <= max(0, response.films), "\(progress.filmsDone) of \(response.films) films")
    _ = progress.unreportedShards
  }
}
