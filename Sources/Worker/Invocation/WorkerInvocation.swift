import Shared

/// One invocation of a worker: its own shard, then whatever of the run nobody works on, until nothing is left or the
/// time is over.
struct WorkerInvocation: Sendable {
  private let dependencies: WorkerDependencies
  private let invocation: Invocation
  private let log: Log
  private let timeBudget: TimeBudget
  /// The invocation's time.
  private let seconds: Double

  init(dependencies: WorkerDependencies, invocation: Invocation, log: Log) {
    self.dependencies = dependencies
    self.invocation = invocation
    self.log = log
    let remaining = dependencies.clock.date.duration(to: invocation.deadline)
    seconds = remaining.inSeconds
    timeBudget = TimeBudget(remaining: remaining, now: dependencies.clock.now)
  }

  /// Works on the event's shard, and on others of the run.
  /// - Returns: the report of the event's shard, or who holds it.
  func work(_ event: WorkerEvent, _ plan: ShardPlan) async throws -> [UInt8] {
    let assignment = SessionRequest(event, plan, requestID: invocation.requestID)
    let bench = Bench()
    switch try await hold(assignment, bench) {
    case .held(let lease, isAlive: true):
      return try JSONText.encode(LeaseHeldResponse(plan: plan, lease: lease))
    case .held(let lease, isAlive: false): throw HolderUnresponsive(plan: plan, lease: lease)
    case .handedOver(let report): return try JSONText.encode(report)
    case .done(let report):
      try await goOn(after: assignment, isRepeat: false, bench)
      return try JSONText.encode(report)
    case .wasDone(let report):
      try await goOn(after: assignment, isRepeat: true, bench)
      return try JSONText.encode(report)
    }
  }

  /// Takes a shard's lease and works on it while the lease is renewed.
  /// - Parameter waits: whether to wait and see if a holder lives.
  private func hold(_ assignment: SessionRequest, _ bench: Bench, waits: Bool = true) async throws
    -> SessionOutcome
  {
    let plan = assignment.plan
    // A duplicate of the event has the same request id: its worker is told apart by a number of its own.
    let holder = "\(invocation.requestID)/\(dependencies.randomness.nonce())"
    let lease = ShardLease(
      plan: plan, holder: holder, deadline: invocation.deadline, dependencies: dependencies)
    let acquire = try await lease.acquire(
      ticket: assignment.ticket, hop: assignment.hop,
      latest: waits ? timeBudget.startUntil : dependencies.clock.now)
    switch acquire {
    case .held(let other):
      log.info(
        "shard held by another worker", ["shard": .integer(plan.shard), "until": .string(other.until)])
      return .held(other, isAlive: true)
    case .undecided(let other): return .held(other, isAlive: false)
    case .taken(let earlier):
      let work = ShardSession(
        assignment: assignment, dependencies: dependencies, invocation: invocation, timeBudget: timeBudget,
        seconds: seconds,
        earlier: earlier, lease: lease, log: log)
      return try await withThrowingTaskGroup(of: SessionOutcome?.self) { group in
        group.addTask {
          try await lease.keepRenewed()
          return nil
        }
        group.addTask { try await work.work(bench) }
        defer { group.cancelAll() }
        guard let end = try await group.next(), let end else { throw CancellationError() }
        return end
      }
    }
  }

  /// Ends the run when its last shard is done; else takes shards that nobody works on, here while there is time, then
  /// by another invocation.
  /// - Parameter isRepeat: whether there was nothing to do for the invocation's own shard, as in a retry of one that
  ///   died in another's.
  private func goOn(after assignment: SessionRequest, isRepeat: Bool, _ bench: Bench) async throws {
    let own = assignment.plan
    var isRepeat = isRepeat
    while true {
      let completion = RunCompletion(plan: own, dependencies: dependencies)
      let listing = try await completion.look()
      if listing.isFinished {
        let (manifest, isFirst) = try await completion.finish()
        log.runEnded(manifest, isFirst: isFirst, listing, own, at: dependencies.clock.date)
        return log.info("run \(manifest.isComplete ? "complete" : "incomplete")", manifest.logFields)
      }
      guard assignment.helps else { return }
      // The event of one that is at work may come again: then as many are there as the rate is shared out to. Of those
      // there, one may be an earlier attempt of this invocation: that shows when its lease is not renewed.
      let hasPlace = listing.leased.subtracting(listing.reported).count < own.workers
      // Each begins somewhere else, so that many who look at once do not all acquire for the same.
      let free = hasPlace ? listing.free(from: Int(dependencies.randomness.nonce())) : []
      let left = isRepeat ? try await leftByEarlierAttempts(listing, own) : []
      guard try await takeOne(of: free, orLeft: left, own, bench) else { return }
      isRepeat = false
    }
  }

  /// Shards whose leases an earlier attempt of this invocation holds, or left to a next hop: it is dead, or this is its
  /// duplicate.
  private func leftByEarlierAttempts(_ listing: RunListing, _ plan: ShardPlan) async throws -> [Int] {
    var shards: [Int] = []
    for shard in listing.leased.subtracting(listing.reported).sorted() {
      let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.lease(shard: shard))
      guard let bytes = try await dependencies.objects.get(object),
        let lease = try? JSONText.decode(Lease.self, from: bytes),
        ["/", "+"].contains(where: { lease.holder.hasPrefix(invocation.requestID + $0) })
      else { continue }
      shards.append(shard)
    }
    return shards
  }

  /// Works on the first of the shards that is to be had. What stops one shard alone does not stop the others: its report
  /// says why.
  /// - Parameter left: those that may be had after a wait.
  /// - Returns: whether one is done, and there may be more to do.
  /// - Throws: what is every shard's trouble; and where none was to be had, what stopped the last one. Lambda tries the
  ///   invocation again then, and what nobody works on is looked at once more.
  private func takeOne(
    of free: [Int], orLeft left: [Int], _ own: ShardPlan, _ bench: Bench
  ) async throws -> Bool {
    let shards = free + left
    if !shards.isEmpty, timeBudget.hasTime(at: dependencies.clock.now) {
      try await bench.openService(dependencies)
    }
    var trouble: (any Error)?
    for shard in shards {
      guard timeBudget.hasTime(at: dependencies.clock.now) else {
        try await dependencies.invoke(FollowUpEvent(plan: own, shard: shard, helps: true), invocation)
        return false
      }
      do {
        let plan = try await PlanStore(objects: dependencies.objects).plan(
          run: own.run, shard: shard, destination: own.destination)
        switch try await hold(SessionRequest(takingUp: plan), bench, waits: left.contains(shard)) {
        case .done, .wasDone: return true
        case .handedOver: return false
        case .held: continue
        }
      } catch let error where !(error is CancellationError || error.affectsEveryShard) {
        log.error(
          "shard \(shard), taken up, stopped: \(error)",
          ["run": .string("\(own.run)"), "shard": .integer(shard)])
        trouble = error
      }
    }
    if let trouble { throw trouble }
    return false
  }
}

extension Error {
  /// Whether it is the trouble of TMDB, of AWS or of the network, which stops any shard and may pass.
  var affectsEveryShard: Bool {
    switch self {
    case is TMDBFailure, is TokenMissing: true
    case let error as AWSServiceError: error.isPassing
    case let error as HTTPError: error.isTransient
    default: false
    }
  }
}

/// The answer of a worker whose shard somebody else is working on.
struct LeaseHeldResponse: Encodable, Equatable {
  let run: RunName
  let shard: Int
  let state: String
  let holder: String
  let until: String
  let message: String

  init(plan: ShardPlan, lease: Lease) {
    run = plan.run
    shard = plan.shard
    state = "held"
    holder = lease.holder
    until = lease.until
    message =
      "Shard \(plan.shard) of run \(plan.run) is being worked on by invocation \(lease.holder), whose lease holds until "
      + "\(lease.until) and is renewed. Nothing was done."
  }
}

/// Somebody has the shard, and whether they live did not show in the time there was. As an error, so that Lambda tries
/// again when the lease has lapsed.
struct HolderUnresponsive: TypedError, Equatable {
  let run: RunName
  let shard: Int
  let holder: String
  let until: String

  init(plan: ShardPlan, lease: Lease) {
    run = plan.run
    shard = plan.shard
    holder = lease.holder
    until = lease.until
  }

  var errorType: String { "HolderUnresponsive" }

  var description: String {
    "Shard \(shard) of run \(run) is leased to invocation \(holder) until \(until), and whether it lives did not show in "
      + "the time there was. Nothing was done. Try again after that."
  }
}
