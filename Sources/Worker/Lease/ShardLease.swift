import Shared

/// A worker's hold on one shard: taken, renewed and given up by conditional PUTs.
///
/// Safety of `@unchecked Sendable`: touched by tasks of one loop alone, which share its one thread.
final class ShardLease: @unchecked Sendable {
  /// How reaching for a lease ended.
  enum Acquisition {
    /// It is this worker's; what the hop before left, if there was one.
    case taken(Lease?)
    /// Its holder lives.
    case held(Lease)
    /// Its holder gave no sign of life, and it has not lapsed in the time there was.
    case undecided(Lease)
  }

  /// Tries of a change that crosses another of this worker's own.
  private static let changesMax = 4

  private let dependencies: WorkerDependencies
  private let object: ObjectAddress
  private let holder: String
  private let deadline: UnixTime
  private var etag = ""
  private var mine: Lease?
  /// Whether the last change is on its way or done.
  private var isClosing = false

  /// - Parameters:
  ///   - holder: no other worker's, nor another attempt's of this invocation.
  ///   - deadline: the invocation's.
  init(plan: ShardPlan, holder: String, deadline: UnixTime, dependencies: WorkerDependencies) {
    self.dependencies = dependencies
    self.holder = holder
    self.deadline = deadline
    object = ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.lease(shard: plan.shard))
  }

  /// Reaches for the lease. Where somebody has it, waits to see whether they live: one renewal's time, and until it
  /// lapses where none comes.
  /// - Parameters:
  ///   - ticket: that the hop before left.
  ///   - hop: of this invocation.
  ///   - latest: there is no waiting beyond it.
  func acquire(ticket: String?, hop: Int, latest: ContinuousClock.Instant) async throws -> Acquisition {
    var firstSeen: (etag: String, at: UnixTime)?
    while true {
      let found = try await dependencies.objects.read(object)
      let lease = found.flatMap { try? JSONText.decode(Lease.self, from: $0.bytes) }
      let (now, etag) = (dependencies.clock.date, found?.etag ?? "")
      let seen = firstSeen ?? (etag, now)
      firstSeen = seen
      let decision = LeaseDecision(
        lease, ticket: ticket, now: now, firstSeen: seen.at, isRenewed: seen.etag != etag,
        terms: dependencies.lease)
      switch decision {
      case .take:
        self.etag = etag
        let taken = Lease(continuing: lease, holder: holder, until: lapse, hop: hop)
        if try await put(taken, found == nil ? .isNew : .isUnchanged(etag: etag)) { return .taken(lease) }
      case .look(let lease, let time):
        let wait = now.duration(to: time)
        guard dependencies.clock.now + wait < latest else { return .undecided(lease) }
        try await dependencies.clock.sleep(for: wait)
      case .held(let lease): return .held(lease)
      }
    }
  }

  /// Renews the lease until it is cancelled. A renewal that fails is tried again at the next one's time, as long as
  /// the lease holds.
  /// - Throws: `LeaseLost` when somebody else has it now, or when it has lapsed.
  func keepRenewed() async throws {
    while true {
      try await dependencies.clock.sleep(for: dependencies.lease.renewal)
      do {
        try await change { $0.until = lapse.iso8601 }
      } catch let error as LeaseLost {
        // This worker's own last change came in between.
        guard isClosing else { throw error }
      } catch let error as CancellationError {
        throw error
      } catch {
        try requireHeld()
      }
    }
  }

  /// To be called before anything is written in the shard's name.
  /// - Throws: `LeaseLost` when the lease has lapsed by this worker's timeBudget: another may have the shard.
  func requireHeld() throws(LeaseLost) {
    guard let mine, mine.state == .held, mine.holds(at: dependencies.clock.date) else {
      throw LeaseLost(object: object, holder: nil)
    }
  }

  /// Keeps the lease for the next hop, with what it needs to know.
  func handOver(to ticket: String, report: ShardReport, hopsMax: Int) async throws {
    isClosing = true
    try await change {
      $0.state = .handedOver
      $0.holder = ticket
      $0.until = (dependencies.clock.date + dependencies.lease.term).iso8601
      $0.hop = report.hop + 1
      $0.note(report)
      $0.hopsMax = hopsMax
    }
  }

  /// Gives the lease up. A replay goes on from what the report says.
  func release(_ report: ShardReport) async throws {
    isClosing = true
    try await change {
      $0.state = .released
      $0.note(report)
      $0.hopsMax = nil
    }
  }

  /// When the lease lapses if it is written now. A worker does not outlive its deadline, and neither does its lease.
  private var lapse: UnixTime { min(dependencies.clock.date + dependencies.lease.term, deadline) }

  private func change(_ edit: (inout Lease) -> Void) async throws {
    var other: String?
    for _ in 0..<Self.changesMax {
      guard var lease = mine, lease.state == .held else { return }
      edit(&lease)
      if try await put(lease, .isUnchanged(etag: etag)) { return }
      // A renewal may have come between, or one that was cancelled and arrived all the same.
      guard let found = try await dependencies.objects.read(object),
        let there = try? JSONText.decode(Lease.self, from: found.bytes)
      else { break }
      guard there.holder == holder else {
        other = there.holder
        break
      }
      (etag, mine) = (found.etag, there)
    }
    throw LeaseLost(object: object, holder: other)
  }

  /// Writes the lease; false when it is not as it was seen.
  private func put(_ lease: Lease, _ condition: S3Client.Condition) async throws -> Bool {
    if let etag = try await dependencies.objects.putJSON(object, lease, condition: condition) {
      (self.etag, mine) = (etag, lease)
      return true
    }
    // A PUT whose answer was lost is sent again and finds itself there.
    guard let found = try await dependencies.objects.read(object),
      (try? JSONText.decode(Lease.self, from: found.bytes)) == lease
    else {
      return false
    }
    (etag, mine) = (found.etag, lease)
    return true
  }
}

extension Lease {
  /// The lease of a worker that goes on where `lease` stopped.
  init(continuing lease: Lease?, holder: String, until: UnixTime, hop: Int) {
    self.init(
      state: .held, holder: holder, until: until, hop: hop, absent: lease?.absent ?? [],
      requests: lease?.requests ?? ShardReport.Requests(), rate: lease?.rate, hopsMax: lease?.hopsMax)
  }

  fileprivate mutating func note(_ report: ShardReport) {
    absent = report.absent
    requests = report.requests
    rate = report.rate ?? rate
  }
}

/// This worker was too slow to renew its lease, or could not.
struct LeaseLost: TypedError, Equatable {
  let object: ObjectAddress
  /// Who has the shard now; nil where the lease only lapsed, as far as this worker knows.
  let holder: String?

  var errorType: String { "LeaseLost" }

  var description: String {
    if let holder {
      "The lease at \(object) lapsed, and invocation \(holder) has the shard now. What is written stays, and it goes on."
    } else {
      "The lease at \(object) lapsed before it could be renewed, so that another worker may take the shard. What is "
        + "written stays, and whoever takes it goes on."
    }
  }
}
