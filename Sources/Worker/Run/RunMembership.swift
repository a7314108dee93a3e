import Shared

/// An invocation's membership of the workers that share their run's rate: counts them about once in a lease's term, and
/// tells whether this one may send requests.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one event loop, which all run on its thread.
final class RunMembership: @unchecked Sendable {
  private let budget: RateBudget
  private let plan: ShardPlan
  private let dependencies: WorkerDependencies
  private let term: Duration
  private var shard: Int?
  /// When this invocation finished its earlier shards.
  private var finished: [Int: UnixTime] = [:]
  /// When the worker was about to report the shard that it finished last.
  private var reportedAt: UnixTime?
  /// Since when the worker has had a lease.
  private var joined: UnixTime?
  /// See `Lease.countedFrom`.
  private(set) var countedFrom: UnixTime?
  /// When the lease was last written, and when it expires unless it is written again.
  private var lease: (writtenAt: UnixTime, end: ContinuousClock.Instant)?
  /// The part of the run's rate in requests per second, and when it expires.
  private var part: (rate: Double, end: ContinuousClock.Instant)?
  private var nextListing: UnixTime?

  /// - Returns: nil for a run whose workers do not share a ceiling.
  init?(plan: ShardPlan, dependencies: WorkerDependencies) {
    guard let budget = RateBudget(plan: plan, terms: dependencies.lease) else { return nil }
    (self.budget, self.plan, self.dependencies) = (budget, plan, dependencies)
    term = dependencies.lease.term
  }

  /// Whether a request may be sent now: the worker's lease and its part are valid.
  var mayStart: Bool {
    guard let lease, let part else { return false }
    let now = dependencies.clock.now
    return now < lease.end && now < part.end
  }

  /// The part of the run's rate, in requests per second; nil if it is not known yet.
  var rate: Double? { part?.rate }

  /// Whether the workers have to be counted before the next request.
  var isListingDue: Bool { nextListing.map { $0 <= dependencies.clock.date } ?? true }

  // MARK: - The lease

  /// To be called when a shard's lease was acquired.
  /// - Parameter previous: the lease that it replaced.
  func begin(shard: Int, previous: Lease?) {
    let now = dependencies.clock.date
    self.shard = shard
    defer { reportedAt = nil }
    if let reportedAt, now < reportedAt + budget.changeMax { return }
    join(at: now)
    countedFrom = previous.flatMap { budget.inheritance(from: $0, at: now) }
  }

  /// To be called when the held lease was written.
  /// - Parameters: when the request was sent.
  func leaseWritten(sentAt date: UnixTime, now: ContinuousClock.Instant) {
    // After such a gap other workers do not count this one any more.
    if let lease, shard != nil, lease.writtenAt + budget.presenceMax < date {
      join(at: dependencies.clock.date)
    }
    lease = (date, now + term)
  }

  /// To be called right before the report of a finished shard is written.
  func willReport() { reportedAt = dependencies.clock.date }

  /// To be called when the lease was released.
  func end() {
    if let shard { finished[shard] = dependencies.clock.date }
    (shard, lease) = (nil, nil)
  }

  private func join(at time: UnixTime) { (joined, countedFrom, part, nextListing) = (time, nil, nil, nil) }

  // MARK: - Counting

  /// Lists the run's folder and determines this worker's part.
  func count() async {
    guard let joined else { return }
    let (sentAt, sentNow) = (dependencies.clock.date, dependencies.clock.now)
    let objects = try? await dependencies.objects.list(
      bucket: plan.destination.bucket, prefix: plan.layout.folder)
    // The task was cancelled, or the worker lost its place in the meantime: the count has to be repeated.
    guard !Task.isCancelled, joined == self.joined else { return }
    guard let objects else { return listingFailed(sentAt, sentNow, joined: joined) }
    let result = budget.part(
      of: objects.map { ($0.key, $0.modifiedAt) }, own: ownShards(objects), joined: joined,
      countedFrom: countedFrom, at: sentAt, chance: dependencies.randomness.random())
    countedFrom = result.countedFrom
    switch result.part {
    case .use(let rate, let next): (part, nextListing) = ((rate, sentNow + budget.countAgeMax), next)
    case .wait(let time): (part, nextListing) = (nil, time)
    }
  }

  /// Counts the workers whenever it is time to, until the task is cancelled.
  /// - Parameter onCount: called after each count.
  func keepCounting(_ onCount: () -> Void) async throws(CancellationError) {
    while true {
      let wait = dependencies.clock.date.duration(to: nextListing ?? dependencies.clock.date)
      try await dependencies.clock.sleep(for: max(wait, .milliseconds(1)))
      await count()
      onCount()
    }
  }

  private func listingFailed(_ sentAt: UnixTime, _ sentNow: ContinuousClock.Instant, joined: UnixTime) {
    nextListing = dependencies.clock.date + term / 3
    guard (countedFrom ?? joined + budget.waitLength) <= sentAt else { return }
    part = (budget.fallback(previous: part?.rate), sentNow + budget.countAgeMax)
  }

  /// The present shard, and the finished ones whose lease no other worker has written since.
  private func ownShards(_ objects: [S3Client.Listed]) -> Set<Int> {
    var own = Set(shard.map { [$0] } ?? [])
    guard !finished.isEmpty else { return own }
    let writtenAt = Dictionary(objects.map { ($0.key, $0.modifiedAt) }) { $1 }
    for (shard, endedAt) in finished {
      let isUnchanged = writtenAt[plan.layout.lease(shard: shard)].map { $0 <= endedAt } ?? true
      if isUnchanged { own.insert(shard) }
    }
    return own
  }
}
