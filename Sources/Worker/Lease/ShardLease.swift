import Shared

/// A worker's lease on one shard, acquired, renewed and released by conditional PUTs to one S3 object.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one event loop, which all run on its thread.
final class ShardLease: @unchecked Sendable {
  /// How an attempt to acquire the lease ended.
  enum Acquisition {
    /// This worker holds the lease. Carries what earlier hops recorded, if there were any.
    case acquired(Lease?)
    /// Another worker holds it, and has renewed it in the meantime.
    case held(Lease)
    /// Another worker holds it and did not renew it, but it did not expire in the time available either.
    case undecided(Lease)
  }

  /// Attempts at a change that conflicts with another change by this same worker.
  private static let attemptsMax = 4

  private let dependencies: WorkerDependencies
  private let object: ObjectAddress
  private let holder: String
  private let deadline: UnixTime
  private let membership: RunMembership?
  private var etag = ""
  /// The lease as this worker last wrote it.
  private var current: Lease?
  /// The shard's series so far, which each renewal records; nil for the series as this worker found it.
  var latestSeries: @Sendable () -> ShardSeries? = { nil }
  /// Whether this worker is handing over or releasing the lease, or has done so.
  private var isClosing = false

  /// - Parameters:
  ///   - holder: a name that no other worker has, nor another attempt of this invocation.
  ///   - deadline: the end of the invocation. The lease never extends beyond it.
  ///   - membership: is told when the lease was written; nil if the run's workers do not share a rate.
  init(
    plan: ShardPlan, holder: String, deadline: UnixTime, dependencies: WorkerDependencies,
    membership: RunMembership? = nil
  ) {
    self.dependencies = dependencies
    self.membership = membership
    self.holder = holder
    self.deadline = deadline
    object = ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.lease(shard: plan.shard))
  }

  /// Acquires the lease. If another worker holds it, waits until that worker renews it or it expires.
  /// - Parameters:
  ///   - handOverToken: the token for which the previous hop reserved the lease; nil except for a continuation.
  ///   - hop: the hop that this invocation is.
  ///   - latest: the latest time to wait until.
  func acquire(handOverToken: String?, hop: Int, latest: ContinuousClock.Instant) async throws -> Acquisition
  {
    var firstSeen: (etag: String, at: UnixTime)?
    while true {
      let stored = try await dependencies.objects.read(object)
      let lease = stored.flatMap { try? JSONText.decode(Lease.self, from: $0.bytes) }
      let (now, etag) = (dependencies.clock.date, stored?.etag ?? "")
      let seen = firstSeen ?? (etag, now)
      firstSeen = seen
      let decision = LeaseDecision(
        lease, handOverToken: handOverToken, now: now, firstSeen: seen.at, isRenewed: seen.etag != etag,
        terms: dependencies.lease)
      switch decision {
      case .take:
        self.etag = etag
        let taken = Lease(continuing: lease, holder: holder, at: now, until: expiry, hop: hop)
        if try await put(taken, stored == nil ? .isNew : .isUnchanged(etag: etag)) { return .acquired(lease) }
      case .lookAgain(let lease, let time):
        let wait = now.duration(to: time)
        guard dependencies.clock.now + wait < latest else { return .undecided(lease) }
        try await dependencies.clock.sleep(for: wait)
      case .held(let lease): return .held(lease)
      }
    }
  }

  /// Runs `body` while the lease is renewed in the background, and the folder's owner checked.
  /// - Throws: what `body` throws; `LeaseLost`, `RunReplaced` or `RunCancelled` as soon as the lease or the folder is lost
  ///   or the run is cancelled, after the task of `body` was cancelled.
  func whileRenewed<Result: Sendable>(
    in folder: FolderGuard, _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask {
        try await self.keepRenewed(in: folder)
        return nil
      }
      group.addTask { try await body() }
      defer { group.cancelAll() }
      guard let result = try await group.next(), let result else { throw CancellationError() }
      return result
    }
  }

  /// To be called before anything is written on behalf of the shard.
  /// - Throws: `LeaseLost` when the lease has expired by this worker's clock, so that another worker may hold it.
  func requireHeld() throws(LeaseLost) {
    guard let current, current.state == .held, current.holds(at: dependencies.clock.date) else {
      throw LeaseLost(object: object, holder: nil)
    }
  }

  /// Renews the lease now. That it succeeds proves that no other worker has the shard.
  /// - Throws: `LeaseLost`.
  func confirm() async throws {
    try await change {
      $0.until = expiry.iso8601
      $0.countedFrom = membership?.countedFrom?.iso8601
      $0.series = latestSeries() ?? $0.series
    }
  }

  /// The shard's series as in the lease, with this worker's session as the last one.
  var series: ShardSeries { current?.series ?? ShardSeries() }

  /// Reserves the lease for the next hop, and records in it what that hop needs to know.
  /// - Parameter found: see `Lease.found`.
  func handOver(to token: String, report: ShardReport, found: [String: Int], hopsMax: Int) async throws {
    isClosing = true
    try await change {
      $0.state = .handedOver
      $0.holder = token
      $0.until = (dependencies.clock.date + dependencies.lease.term).iso8601
      $0.countedFrom = membership?.countedFrom?.iso8601
      $0.hop = report.hop + 1
      $0.record(report, found: found)
      $0.hopsMax = hopsMax
    }
  }

  /// Releases the lease, and records in it what a later replay starts from.
  /// - Parameter found: see `Lease.found`.
  func release(_ report: ShardReport, found: [String: Int] = [:]) async throws {
    isClosing = true
    try await change {
      $0.state = .released
      $0.record(report, found: found)
      $0.hopsMax = nil
    }
  }

  /// Releases the lease of a shard that stops in the middle, without recording anything.
  func release() async throws {
    isClosing = true
    try await change { $0.state = .released }
  }

  /// Renews the lease until the task is cancelled. A renewal that fails is repeated when the next one is due, as long
  /// as the lease has not expired.
  /// - Throws: `LeaseLost` when another worker has the lease, or when it has expired; `RunReplaced`; `RunCancelled`.
  private func keepRenewed(in folder: FolderGuard) async throws {
    while true {
      try await dependencies.clock.sleep(for: dependencies.lease.renewal)
      do {
        try await confirm()
        try await folder.requireActive()
      } catch let error where error is RunReplaced || error is RunCancelled {
        throw error
      } catch let error as LeaseLost {
        // If this worker is closing the lease, that change came first and the conflict is with itself.
        guard isClosing else { throw error }
      } catch let error as CancellationError {
        throw error
      } catch {
        try requireHeld()
      }
    }
  }

  /// When the lease expires if it is written now: after its term, but not after the worker's own deadline.
  private var expiry: UnixTime { min(dependencies.clock.date + dependencies.lease.term, deadline) }

  private func change(_ edit: (inout Lease) -> Void) async throws {
    var newHolder: String?
    for _ in 0..<Self.attemptsMax {
      guard var lease = current, lease.state == .held else { return }
      edit(&lease)
      if try await put(lease, .isUnchanged(etag: etag)) { return }
      // The conflict may be with a renewal by this worker, or with one that was cancelled but arrived all the same.
      guard let stored = try await dependencies.objects.read(object),
        let storedLease = try? JSONText.decode(Lease.self, from: stored.bytes)
      else { break }
      guard storedLease.holder == holder else {
        newHolder = storedLease.holder
        break
      }
      (etag, current) = (stored.etag, storedLease)
    }
    throw LeaseLost(object: object, holder: newHolder)
  }

  /// - Returns: whether the lease was written. False when the object is not as it was last seen.
  private func put(_ lease: Lease, _ condition: S3Client.Condition) async throws -> Bool {
    let (sentAt, now) = (dependencies.clock.date, dependencies.clock.now)
    if let etag = try await dependencies.objects.putJSON(object, lease, condition: condition) {
      (self.etag, current) = (etag, lease)
      noteWritten(lease, sentAt: sentAt, now: now)
      return true
    }
    // If the response to an earlier attempt of this PUT was lost, the retry fails because the first attempt succeeded.
    guard let stored = try await dependencies.objects.read(object),
      (try? JSONText.decode(Lease.self, from: stored.bytes)) == lease
    else {
      return false
    }
    (etag, current) = (stored.etag, lease)
    noteWritten(lease, sentAt: sentAt, now: now)
    return true
  }

  private func noteWritten(_ lease: Lease, sentAt: UnixTime, now: ContinuousClock.Instant) {
    if lease.state == .held {
      membership?.leaseWritten(sentAt: sentAt, now: now)
    } else {
      membership?.end()
    }
  }
}

extension Lease {
  /// The lease of a worker that continues where `lease` ended.
  init(continuing lease: Lease?, holder: String, at now: UnixTime, until: UnixTime, hop: Int) {
    var series = lease?.series ?? ShardSeries()
    series.beginSession(hop: hop, at: now, previousWasActive: lease?.state == .held)
    self.init(
      state: .held, holder: holder, until: until, hop: hop, absent: lease?.absent ?? [],
      requests: lease?.requests ?? ShardReport.Requests(), rate: lease?.rate, hopsMax: lease?.hopsMax,
      found: lease?.found, series: series)
  }

  fileprivate mutating func record(_ report: ShardReport, found: [String: Int]) {
    absent = report.absent
    requests = report.requests
    rate = report.rate ?? rate
    self.found = found.isEmpty ? nil : found
    series = report.series
  }
}

/// This worker did not renew its lease in time.
struct LeaseLost: TypedError, Equatable {
  let object: ObjectAddress
  /// The worker that has the shard now; nil if all that is known is that the lease expired.
  let holder: String?

  var errorType: String { "LeaseLost" }

  var description: String {
    if let holder {
      "The lease at \(object) expired, and invocation \(holder) now has the shard and continues it. All files written "
        + "so far are kept."
    } else {
      "The lease at \(object) expired before it could be renewed, so another worker may take the shard and continue "
        + "it. All files written so far are kept."
    }
  }
}
