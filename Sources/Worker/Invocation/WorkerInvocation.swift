import Shared

/// One invocation of a worker: first the shard of its event, then shards of the run that no worker holds, until none
/// is left or the time is up.
struct WorkerInvocation: Sendable {
  let dependencies: WorkerDependencies
  let invocation: Invocation
  let log: Log
  let timeBudget: TimeBudget
  let fetchers: FetcherProvider
  /// The time that Lambda gives this invocation.
  private let seconds: Double

  init(dependencies: WorkerDependencies, invocation: Invocation, log: Log) {
    self.dependencies = dependencies
    self.invocation = invocation
    self.log = log
    let remaining = dependencies.clock.date.duration(to: invocation.deadline)
    seconds = remaining.inSeconds
    timeBudget = TimeBudget(remaining: remaining, now: dependencies.clock.now)
    fetchers = FetcherProvider(dependencies: dependencies)
  }

  /// Works on the event's shard, then on others of the run.
  /// - Returns: as JSON, the report of the event's shard, a `LeaseHeldResponse` when another worker holds it, or a
  ///   `RunReplacedResponse` or `RunCancelledResponse`.
  /// - Throws: whatever stops the shard or the run. Lambda then retries the invocation.
  func run(_ event: WorkerEvent, _ plan: ShardPlan) async throws -> [UInt8] {
    // That a run was replaced or cancelled is not an error: a retry would change nothing.
    do {
      if let time = event.resume {
        try await FolderGuard(plan: plan, objects: dependencies.objects).resume(cancelledAt: time)
      }
      return try await work(event, plan)
    } catch let error as RunReplaced {
      try await stop(plan, because: error, cancelledAt: nil)
      return try JSONText.encode(RunReplacedResponse(error, shard: plan.shard))
    } catch let error as RunCancelled {
      try await stop(plan, because: error, cancelledAt: error.at)
      return try JSONText.encode(RunCancelledResponse(error, shard: plan.shard))
    }
  }

  private func stop(_ plan: ShardPlan, because error: any Error, cancelledAt: String?) async throws {
    log.warn("\(error)", ["run": .string("\(plan.run)"), "shard": .integer(plan.shard)])
    let completion = RunCompletion(plan: plan, dependencies: dependencies, log: log)
    try await completion.stopIfLast(cancelledAt: cancelledAt)
  }

  private func work(_ event: WorkerEvent, _ plan: ShardPlan) async throws -> [UInt8] {
    let request = SessionRequest(event, plan, requestID: invocation.requestID)
    switch try await runSession(request) {
    case .held(let lease, isAlive: true):
      return try JSONText.encode(LeaseHeldResponse(plan: plan, lease: lease))
    case .held(let lease, isAlive: false):
      throw HolderUnresponsive(plan: plan, lease: lease)
    case .handedOver(let report):
      return try JSONText.encode(report)
    case .done(let report):
      try await workOnOtherShards(after: request, wasAlreadyDone: false)
      return try JSONText.encode(report)
    case .alreadyDone(let report):
      try await workOnOtherShards(after: request, wasAlreadyDone: true)
      return try JSONText.encode(report)
    }
  }

  /// Acquires a shard's lease and runs a session under it.
  /// - Parameter waitsForHolder: whether to wait and see if the current holder renews its lease.
  func runSession(_ request: SessionRequest, waitsForHolder: Bool = true) async throws -> SessionOutcome {
    // A duplicate of the event arrives with the same request id; the nonce tells the two workers apart.
    let holder = "\(invocation.requestID)/\(dependencies.randomness.nonce())"
    let membership = fetchers.membership(for: request.plan)
    let lease = ShardLease(
      plan: request.plan, holder: holder, deadline: invocation.deadline, dependencies: dependencies,
      membership: membership)
    let acquisition = try await lease.acquire(
      handOverToken: request.handOverToken, hop: request.hop,
      latest: waitsForHolder ? timeBudget.startUntil : dependencies.clock.now)
    switch acquisition {
    case .held(let other):
      log.info(
        "shard held by another worker",
        ["shard": .integer(request.plan.shard), "until": .string(other.until)])
      return .held(other, isAlive: true)
    case .undecided(let other):
      return .held(other, isAlive: false)
    case .acquired(let previous):
      membership?.begin(shard: request.plan.shard, previous: previous)
      let writer = DataFileWriter(plan: request.plan, objects: dependencies.objects, lease: lease)
      let folder = FolderGuard(plan: request.plan, objects: dependencies.objects)
      let session = ShardSession(
        request: request, dependencies: dependencies, invocation: invocation, timeBudget: timeBudget,
        invocationSeconds: seconds, previousLease: previous, lease: lease, writer: writer, folder: folder,
        fetchers: fetchers, log: log)
      do {
        return try await lease.whileRenewed(in: folder) { try await session.run() }
      } catch {
        await writer.deleteUnconfirmedIfReplaced()
        if error.endsInvocation { try? await lease.release() }
        throw error
      }
    }
  }
}

/// Another worker holds the shard's lease, and it did not become clear in time whether that worker is alive. Thrown so
/// that Lambda retries the invocation once the lease has expired.
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
    "Shard \(shard) of run \(run) is leased to invocation \(holder) until \(until). That invocation did not renew its "
      + "lease while this one waited, so it may be dead. Nothing was done; invoke the shard again after \(until)."
  }
}

extension Error {
  /// Whether the whole run is over for this invocation, because it was replaced or cancelled.
  var endsInvocation: Bool { self is RunReplaced || self is RunCancelled }
}
