import Shared

/// A run as it stands in S3: plans, reports, leases, manifest.
struct RunReader: Sendable {
  /// Objects that are read at once.
  private static let readsMax = 16

  let s3: S3Client
  let destination: Destination
  let run: RunName

  /// - Throws: `NoSuchRun` when nothing of the run is there.
  func status(terms: LeaseTerms) async throws -> RunStatus {
    let folder = RunLayout.runFolder(prefix: destination.prefix, run: run)
    let objects = try await s3.list(bucket: destination.bucket, prefix: folder)
    guard let any = objects.first(where: { $0.key.hasPrefix(folder + "shards/") }),
      let bytes = try await s3.get(address(any.key))
    else { throw NoSuchRun(run: run, folder: address(folder)) }
    let plan = try JSONText.decode(ShardPlan.self, from: bytes)
    let listing = RunListing(
      objects: objects.map { ($0.key, $0.modifiedAt) }, layout: plan.layout, now: .now(), terms: terms)
    let reports = try await readAll(
      listing.reported.sorted().map { plan.layout.report(shard: $0) }, ShardReport.self)
    return RunStatus(plan: plan, listing: listing, reports: reports)
  }

  func plans(_ status: RunStatus) async throws -> [ShardPlan] {
    try await readAll(
      status.listing.planned.sorted().map { status.plan.layout.plan(shard: $0) }, ShardPlan.self)
  }

  /// Nil until the run has ended once.
  func manifest(_ status: RunStatus) async throws -> Manifest? {
    try await s3.get(address(status.plan.layout.manifest)).map {
      try JSONText.decode(Manifest.self, from: $0)
    }
  }

  private func readAll<Value: Decodable & Sendable>(_ keys: [String], _ type: Value.Type) async throws
    -> [Value]
  {
    try await BoundedFanOut.map(keys, limit: Self.readsMax) { key in
      guard let bytes = try await s3.get(address(key)) else { return nil }
      return try JSONText.decode(type, from: bytes)
    }.compactMap { $0 }
  }

  private func address(_ key: String) -> ObjectAddress { ObjectAddress(bucket: destination.bucket, key: key) }
}

/// How a run stands.
struct RunStatus: Sendable {
  /// Any one of its plans: what they have in common.
  let plan: ShardPlan
  let listing: RunListing
  let reports: [ShardReport]

  /// What became of a shard.
  enum State: String, Codable, Sendable {
    case complete
    /// Some of its films failed.
    case failed
    case running
    /// Nobody has begun it.
    case waiting
    /// Its worker's lease has lapsed, and there is no report.
    case dead
    /// Its worker could not go on.
    case stopped
  }

  /// How many will share the run's rate when these shards are worked on too.
  func workers(replaying shards: [Int]) -> Int {
    let running = (0..<plan.shards).filter { state(of: $0) == .running }
    return min(Set(shards).union(running).count, RunLimits.workers.upperBound)
  }

  /// The shards to invoke workers for so that the run ends: where just the manifest is missing, any one, whose worker
  /// finds itself the last.
  var toReplay: [Int] {
    let shards = (0..<plan.shards).filter { needsReplay($0) }
    return shards.isEmpty && lacksManifest ? [0] : shards
  }

  /// Whether somebody has to do something about a shard. One that waits does while others are at work, who take it
  /// up; when nothing of the run has stirred for a while, nobody will.
  func needsReplay(_ shard: Int) -> Bool {
    switch state(of: shard) {
    case .failed, .dead, .stopped: true
    case .waiting: listing.isQuiet
    case .complete, .running: false
    }
  }

  /// Whether every shard has its report and the worker that should have written the manifest died.
  var lacksManifest: Bool { listing.isFinished && !listing.hasManifest && listing.isQuiet }

  func state(of shard: Int) -> State {
    if let report = reports.first(where: { $0.shard == shard }) {
      switch report.state {
      case .complete: return .complete
      case .incomplete, .continuing: return .failed
      case .stopped: return listing.leased.contains(shard) ? .running : .stopped
      }
    }
    if listing.leased.contains(shard) { return .running }
    return listing.begun.contains(shard) ? .dead : .waiting
  }
}

/// There is no such run.
struct NoSuchRun: Error, CustomStringConvertible {
  let run: RunName
  let folder: ObjectAddress

  var description: String {
    "there is no run \(run) at \(folder). The dispatcher's answer names a run; --bucket and --prefix say where it went."
  }
}
