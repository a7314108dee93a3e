import Shared

/// Reads a run's plans, reports, leases and manifest from S3.
struct RunReader: Sendable {
  /// Maximum number of objects that are read concurrently: with 30 ms per request, the reports of 1,000 shards take a
  /// second.
  private static let readsMax = 32

  let s3: any ObjectStore
  let destination: Destination
  let run: RunName

  /// Reads the state of the run: one LIST, one of its plans, all reports, and the owner of its folder; and the manifest
  /// and the presence of _SUCCESS if every shard has a report.
  /// - Throws: `NoSuchRun` if the run has no plans.
  func status(terms: LeaseTerms) async throws -> RunStatus {
    let (plan, listing, _) = try await listing(terms: terms)
    let reports = try await readAll(listing.reported.sorted().map { plan.layout.report(shard: $0) }) {
      try JSONText.decode(ShardReport.self, from: $0)
    }
    let owner = try await owner(plan.layout)
    let manifest = listing.isFinished && listing.hasManifest ? try await self.manifest() : nil
    var lacksSuccess = false
    if manifest?.isComplete == true {
      lacksSuccess = try await s3.head(address(plan.layout.success)) == nil
    }
    return RunStatus(
      plan: plan, listing: listing, reports: reports, owner: owner,
      hasManifestOfCancellation: manifest?.cancelledAt != nil, lacksSuccess: lacksSuccess)
  }

  /// Lists the run's objects and reads one of its plans.
  /// - Returns: any plan, the listing, and the time of the newest object.
  /// - Throws: `NoSuchRun` if the run has no plans.
  func listing(terms: LeaseTerms) async throws -> (plan: ShardPlan, listing: RunListing, newest: UnixTime) {
    let folder = RunLayout.runFolder(prefix: destination.prefix, run: run)
    let objects = try await s3.list(bucket: destination.bucket, prefix: folder)
    guard let anyPlan = objects.first(where: { $0.key.hasPrefix(folder + "shards/") }),
      let bytes = try await s3.get(address(anyPlan.key)),
      let plan = try ShardPlan(stored: bytes, destination: destination)
    else { throw NoSuchRun(run: run, folder: address(folder)) }
    let listing = RunListing(
      objects: objects.map { ($0.key, $0.modifiedAt) }, layout: plan.layout, now: .now(), terms: terms)
    return (plan, listing, objects.map(\.modifiedAt).max() ?? .now())
  }

  /// Reads the plan of shard 0.
  /// - Throws: `NoSuchRun` if it does not exist.
  func firstPlan() async throws -> ShardPlan {
    let key = RunLayout.plan(prefix: destination.prefix, run: run, shard: 0)
    guard let bytes = try await object(key), let plan = try ShardPlan(stored: bytes, destination: destination)
    else {
      throw NoSuchRun(
        run: run, folder: address(RunLayout.runFolder(prefix: destination.prefix, run: run)))
    }
    return plan
  }

  /// Why the run does not have its day's folder any more, or is stopped; nil if neither is so.
  /// - Parameter layout: with the run's date.
  func interruption(_ layout: RunLayout) async throws -> RunInterruption? {
    RunInterruption(of: run, try await owner(layout))
  }

  private func owner(_ layout: RunLayout) async throws -> FolderOwner? {
    try await object(layout.folderOwner).map { try JSONText.decode(FolderOwner.self, from: $0) }
  }

  /// Reads an object; nil if it does not exist.
  func object(_ key: String) async throws -> [UInt8]? { try await s3.get(address(key)) }

  /// The shards that a worker has, or that the next hop is about to take: one LIST, and the leases that it shows to be
  /// recent enough.
  /// - Parameter plan: the plan of any shard.
  func activeShards(_ plan: ShardPlan, terms: LeaseTerms) async throws -> [Int] {
    let objects = try await s3.list(bucket: destination.bucket, prefix: plan.layout.leases)
    let now = UnixTime.now()
    let listing = RunListing(
      objects: objects.map { ($0.key, $0.modifiedAt) }, layout: plan.layout, now: now, terms: terms)
    let leases = try await leases(of: listing.leased.sorted(), plan)
    return leases.filter { $0.value.isActive(at: now) }.keys.sorted()
  }

  /// Reads the leases of shards, which have more than the report while a worker is active or after one has died.
  /// - Returns: by shard; without those that have none.
  func leases(of shards: [Int], _ plan: ShardPlan) async throws -> [Int: Lease] {
    let read = try await BoundedFanOut.map(shards, limit: Self.readsMax) { shard in
      let bytes = try await s3.get(address(plan.layout.lease(shard: shard)))
      return (shard, try bytes.map { try JSONText.decode(Lease.self, from: $0) })
    }
    return Dictionary(read.compactMap { shard, lease in lease.map { (shard, $0) } }) { first, _ in first }
  }

  /// The number of films that the run selected; nil if it has no films.csv.
  func selectedFilms(_ plan: ShardPlan) async throws -> Int? {
    try await s3.get(address(plan.layout.selectedFilms)).map { SelectedFilms.count(in: $0) }
  }

  /// Reads the plans of all shards, in shard order.
  func plans(_ status: RunStatus) async throws -> [ShardPlan] {
    try await readAll(status.listing.planned.sorted().map { status.plan.layout.plan(shard: $0) }) {
      try ShardPlan(stored: $0, destination: destination)
    }
  }

  /// Reads the manifest; nil if the run has not ended yet.
  func manifest() async throws -> Manifest? {
    // The key does not depend on the run's date.
    let layout = RunLayout(prefix: destination.prefix, run: run, date: "")
    return try await object(layout.manifest).map { try JSONText.decode(Manifest.self, from: $0) }
  }

  /// The keys of the day's folder that a reader of the folder would take for data: all but those that start with "_".
  func dataKeys(_ status: RunStatus) async throws -> [String] {
    let folder = status.plan.layout.dataFolder
    return try await s3.list(bucket: destination.bucket, prefix: folder).map(\.key)
      .filter { !$0.dropFirst(folder.count).hasPrefix("_") }
  }

  private func readAll<Value: Sendable>(
    _ keys: [String], _ parse: @escaping @Sendable ([UInt8]) throws -> Value?
  ) async throws -> [Value] {
    try await BoundedFanOut.map(keys, limit: Self.readsMax) { key in
      try await s3.get(address(key)).flatMap(parse)
    }.compactMap { $0 }
  }

  func address(_ key: String) -> ObjectAddress { ObjectAddress(bucket: destination.bucket, key: key) }
}

/// The state of a run and of its shards.
struct RunStatus: Sendable {
  /// One of the run's plans, used only for the fields that all plans share.
  let plan: ShardPlan
  let listing: RunListing
  let reports: [ShardReport]
  /// The owner of the day's folder; nil if there is none.
  var owner: FolderOwner?
  /// Whether the manifest was written when the run was cancelled, although every shard has ended since.
  let hasManifestOfCancellation: Bool
  /// Whether the manifest says that the run is complete, but there is no _SUCCESS.
  let lacksSuccess: Bool
  /// The state of each shard's report, by shard.
  private let reportStates: [Int: ShardReport.State]

  init(
    plan: ShardPlan, listing: RunListing, reports: [ShardReport], owner: FolderOwner? = nil,
    hasManifestOfCancellation: Bool = false, lacksSuccess: Bool = false
  ) {
    (self.plan, self.listing, self.reports, self.owner) = (plan, listing, reports, owner)
    (self.hasManifestOfCancellation, self.lacksSuccess) = (hasManifestOfCancellation, lacksSuccess)
    reportStates = Dictionary(reports.map { ($0.shard, $0.state) }) { first, _ in first }
  }

  /// The run that has taken the folder since; nil if it still belongs to this run.
  var replacedBy: RunName? {
    if case .replaced(let other)? = RunInterruption(of: plan.run, owner) { other } else { nil }
  }

  /// When the run was cancelled, for an event that resumes it; nil if it was not, or was resumed.
  var cancellation: String? {
    if case .cancelled(let time)? = RunInterruption(of: plan.run, owner) { time } else { nil }
  }

  /// When the run was cancelled; nil if it was not, or was resumed, or is complete all the same.
  var cancelledAt: String? {
    guard let cancellation else { return nil }
    return reports.count { $0.state == .complete } < plan.shards ? cancellation : nil
  }

  /// The state of a shard.
  enum State: String, Codable, Sendable {
    case complete
    /// Some of its films failed, and a replay fetches them again.
    case failed
    /// Its lease is valid.
    case running
    /// No worker has started it.
    case waiting
    /// Its lease has expired, and it has no report.
    case dead
    /// Its worker could not continue; the report gives the reason.
    case stopped

    /// - Parameter report: the state of the shard's report; nil if it has none.
    init(of shard: Int, report: ShardReport.State?, _ listing: RunListing) {
      let isLeased = listing.leased.contains(shard)
      self =
        switch report {
        case .complete: .complete
        case .incomplete, .continuing: .failed
        case .stopped: isLeased ? .running : .stopped
        case nil: isLeased ? .running : listing.begun.contains(shard) ? .dead : .waiting
        }
    }
  }

  /// Number of workers that will share the run's request rate once these shards are replayed, including those running.
  func workers(replaying shards: [Int]) -> Int {
    let running = (0..<plan.shards).filter { state(of: $0) == .running }
    return min(Set(shards).union(running).count, RunLimits.workers.upperBound)
  }

  /// The shards to replay so that the run can end. If only the manifest or _SUCCESS is missing, this is shard 0: its
  /// worker finds all shards complete and writes both. For a cancelled run, these are all shards that are not complete.
  /// For a replaced run, there are none, because its workers would do nothing.
  var toReplay: [Int] {
    guard replacedBy == nil else { return [] }
    let shards = (0..<plan.shards).filter {
      cancelledAt == nil ? needsReplay($0) : state(of: $0) != .complete
    }
    return shards.isEmpty && isUnfinished ? [0] : shards
  }

  /// - Throws: `ReplayOfReplacedRun` if another run has taken the folder.
  func requireReplayable() throws {
    if let owner = replacedBy { throw ReplayOfReplacedRun(run: plan.run, owner: owner) }
  }

  /// Whether a shard needs a replay. A waiting shard does not while the run is active, because a running worker will
  /// take it. It does once nothing in the run has changed for a while.
  func needsReplay(_ shard: Int) -> Bool {
    switch state(of: shard) {
    case .failed, .dead, .stopped: true
    case .waiting: listing.isQuiet
    case .complete, .running: false
    }
  }

  /// Whether every shard has a report, but the worker that should have written the manifest and _SUCCESS died. A
  /// replaced run gets neither any more.
  var isUnfinished: Bool {
    replacedBy == nil && listing.isFinished && listing.isQuiet
      && (!listing.hasManifest || hasManifestOfCancellation || lacksSuccess)
  }

  /// The state of a shard, from its report and its lease.
  func state(of shard: Int) -> State { State(of: shard, report: reportStates[shard], listing) }
}

/// The workers of a replaced run would do nothing.
struct ReplayOfReplacedRun: Error, CustomStringConvertible {
  let run: RunName
  /// The run that has the folder now.
  let owner: RunName

  var description: String {
    "run \(run) cannot be replayed, because it was replaced by run \(owner), which has the folder now. To see that "
      + "run: elenco status \(owner)"
  }
}

/// The run does not exist.
struct NoSuchRun: Error, CustomStringConvertible {
  let run: RunName
  let folder: ObjectAddress

  var description: String {
    "run \(run) does not exist: there are no shard plans at \(folder). Check --bucket, --prefix and "
      + "the run's name, which is in the dispatcher's response."
  }
}
