import Shared

/// One invocation of a worker: its own shard, then whatever of the run nobody works on, until nothing is left or the
/// time is over.
struct Shift: Sendable {
  let worker: WorkerHandler
  let invocation: Invocation
  let log: Log
  private let clock: WorkClock
  private let seconds: Double

  init(worker: WorkerHandler, invocation: Invocation, log: Log) {
    self.worker = worker
    self.invocation = invocation
    self.log = log
    let remaining = UnixTime.now().duration(to: invocation.deadline)
    seconds = remaining.inSeconds
    clock = WorkClock(remaining: remaining, now: .now)
  }

  private var s3: S3Client { worker.services.s3 }

  /// Works on the event's shard, and on others of the run.
  /// - Returns: the report of the event's shard, or who holds it.
  func work(_ event: WorkerEvent, _ plan: ShardPlan) async throws -> [UInt8] {
    // A duplicate of the event has the same request id: the holder is told apart by a number of its own.
    let token = event.lease ?? "\(invocation.requestID)/\(UInt32.random(in: 0 ... .max))"
    let generation = event.replay == .all ? event.generation ?? invocation.requestID : nil
    let bench = Bench()
    let end = try await hold(plan, token: token, hop: event.hop, generation: generation, bench: bench)
    switch end {
    case .held(let lease): return try JSONText.encode(HeldAnswer(plan: plan, lease: lease))
    case .handedOver(let report): return try JSONText.encode(report)
    case .done(let report):
      try await takeOthers(after: plan, bench: bench)
      return try JSONText.encode(report)
    }
  }

  /// How work on a shard ended.
  private enum End {
    case done(ShardReport)
    case handedOver(ShardReport)
    case held(Lease)
  }

  /// What one shard's work hands to the next in an invocation: the fetcher, which knows the rate.
  private final class Bench: @unchecked Sendable {
    // Safety: touched by tasks of one loop alone, which share its one thread.
    var fetcher: FilmFetcher?
  }

  private func hold(
    _ plan: ShardPlan, token: String, hop: Int, generation: String?, bench: Bench
  ) async throws -> End {
    let lease = ShardLease(
      plan: plan, token: token, terms: worker.configuration.lease, s3: s3, loop: worker.http.loop)
    switch try await lease.reach(hop: hop, latest: clock.startUntil) {
    case .held(let other):
      log.info(
        "shard held by another worker", ["shard": .integer(plan.shard), "until": .string(other.until)])
      return .held(other)
    case .taken(let earlier):
      // Only a hop goes on with what was noted; whoever begins anew asks anew.
      let noted = hop > 0 || generation == nil ? earlier : nil
      return try await withThrowingTaskGroup(of: End?.self) { group in
        group.addTask {
          try await lease.keepRenewed()
          return nil
        }
        group.addTask {
          try await ShardShift(
            shift: self, plan: plan, hop: hop, generation: generation, earlier: noted, lease: lease
          )
          .work(bench)
        }
        defer { group.cancelAll() }
        guard let end = try await group.next(), let end else { throw CancellationError() }
        return end
      }
    }
  }

  /// One shard in one invocation, with its lease held.
  private struct ShardShift {
    let shift: Shift
    let plan: ShardPlan
    let hop: Int
    let generation: String?
    let earlier: Lease?
    let lease: ShardLease

    func work(_ bench: Bench) async throws -> End {
      let checkpoint = try await Checkpoint.read(plan, generation: generation, s3: shift.s3)
      shift.log.info(
        "shard started",
        [
          "run": .string("\(plan.run)"), "shard": .integer(plan.shard), "hop": .integer(hop),
          "films": .integer(plan.films.count), "filesKept": .integer(checkpoint.kept.count),
          "filesToFetch": .integer(checkpoint.missing.count),
        ])
      var draft = ReportDraft(
        plan: plan, kept: checkpoint.kept, earlier: earlier, hop: hop, requestID: shift.invocation.requestID,
        startedAt: .now(), clock: .now)
      do {
        try await fetch(checkpoint, bench, into: &draft)
        if !draft.isFinished { return .handedOver(try await handOver(draft.report)) }
      } catch let failure as any TypedFailure where !(failure is LeaseLost) {
        // Whoever follows the run reads in the report why this shard ended; Lambda tries it again all the same.
        draft.stopped = "\(failure)"
        try? await close(draft.report)
        try? await endRunIfOver()
        throw failure
      }
      let report = draft.report
      // A shard of which nothing was to be done keeps the report that tells what was.
      if checkpoint.missing.isEmpty, try await shift.hasReport(plan) {
        try await lease.release(rate: report.rate)
      } else {
        try await close(report)
      }
      shift.log.info("shard \(report.state.rawValue)", report.logFields)
      return .done(report)
    }

    private func fetch(_ checkpoint: Checkpoint, _ bench: Bench, into draft: inout ReportDraft) async throws {
      guard !checkpoint.missing.isEmpty else {
        draft.isFinished = true
        return
      }
      let fetcher = try await shift.fetcher(plan, learned: earlier?.rate, bench)
      defer {
        draft.requests = fetcher.takeRequests()
        draft.rate = fetcher.rate
      }
      let work = ShardWorker(
        plan: plan, s3: shift.s3, fetcher: fetcher, clock: shift.clock, generation: generation, log: shift.log
      )
      draft.isFinished = try await work.work(checkpoint.missing, absent: Set(earlier?.absent ?? [])) {
        draft.written.append($0)
      }
    }

    private func endRunIfOver() async throws {
      let completion = RunCompletion(plan: plan, s3: shift.s3, terms: shift.worker.configuration.lease)
      if try await completion.look().isFinished { _ = try await completion.finish() }
    }

    /// Writes the report and gives the shard up.
    private func close(_ report: ShardReport) async throws {
      try await shift.s3.putJSON(
        ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.report(shard: plan.shard)), report)
      try await lease.release(rate: report.rate)
    }

    /// Keeps the lease for the next hop, and invokes it.
    private func handOver(_ report: ShardReport) async throws -> ShardReport {
      let cap = HopCap.hops(
        requests: plan.films.count * plan.lookup.requestsPerFilm, rate: report.rate,
        secondsPerHop: shift.seconds)
      guard hop < cap else { throw HopsUsedUp(plan: plan, hops: hop + 1) }
      let token = "\(shift.invocation.requestID)+\(hop + 1)/\(UInt32.random(in: 0 ... .max))"
      try await lease.handOver(to: token, report: report)
      let call = WorkerCall(
        plan: plan, shard: plan.shard, hop: hop + 1, lease: token, generation: generation)
      try await shift.invoke(call)
      shift.log.info("shard handed over to the next hop", report.logFields)
      return report
    }
  }

  private func fetcher(_ plan: ShardPlan, learned: Double?, _ bench: Bench) async throws -> FilmFetcher {
    if let fetcher = bench.fetcher { return fetcher }
    let client = TMDBClient(
      http: worker.http, baseURL: worker.configuration.tmdbBaseURL, token: try await worker.tokens.token())
    let fetcher = FilmFetcher(
      client: client, lookup: plan.lookup, share: RateShare(plan: plan, learned: learned),
      tokens: worker.tokens)
    bench.fetcher = fetcher
    return fetcher
  }

  private func hasReport(_ plan: ShardPlan) async throws -> Bool {
    try await s3.get(
      ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.report(shard: plan.shard))) != nil
  }

  private func invoke(_ call: WorkerCall) async throws {
    try await worker.services.lambda.invokeAsync(
      invocation.functionARN, event: try JSONText.encode(call), traceID: invocation.traceID)
  }

  /// Ends the run when its last shard is done; else takes shards that nobody works on, here while there is time, then
  /// by another invocation.
  private func takeOthers(after own: ShardPlan, bench: Bench) async throws {
    var current = own
    while true {
      let completion = RunCompletion(plan: current, s3: s3, terms: worker.configuration.lease)
      let view = try await completion.look()
      if view.isFinished {
        let manifest = try await completion.finish()
        return log.info(
          "run \(manifest.isComplete ? "complete" : "incomplete")",
          [
            "run": .string("\(manifest.run)"), "films": .integer(manifest.filmsWritten),
            "absent": .integer(manifest.absent.count), "failed": .integer(manifest.failed.count),
            "files": .integer(manifest.files.count),
          ])
      }
      guard let next = try await takeOne(of: view.free(after: current.shard), current, bench) else { return }
      current = next
    }
  }

  /// Works on the first of the shards that is to be had.
  /// - Returns: its plan when it is done and there may be more to do.
  private func takeOne(of shards: [Int], _ current: ShardPlan, _ bench: Bench) async throws -> ShardPlan? {
    for shard in shards {
      guard clock.hasTime(at: .now) else {
        try await invoke(WorkerCall(plan: current, shard: shard))
        return nil
      }
      let plan = try await PlanStore(s3: s3).plan(
        run: current.run, shard: shard, destination: current.destination)
      let token = "\(invocation.requestID)/\(UInt32.random(in: 0 ... .max))"
      switch try await hold(plan, token: token, hop: 0, generation: nil, bench: bench) {
      case .done: return plan
      case .handedOver: return nil
      case .held: continue
      }
    }
    return nil
  }
}

/// The answer of a worker whose shard somebody else is working on.
struct HeldAnswer: Encodable, Equatable {
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

/// A shard that was handed over more often than any forecast explains.
struct HopsUsedUp: TypedFailure, Equatable {
  let run: RunName
  let shard: Int
  let hops: Int

  init(plan: ShardPlan, hops: Int) {
    run = plan.run
    shard = plan.shard
    self.hops = hops
  }

  var errorType: String { "HopsUsedUp" }

  var description: String {
    "Shard \(shard) of run \(run) is not done after \(hops) invocations, more than twice what was forecast. What is "
      + "written stays. See whether TMDB answers, then go on with: aws lambda invoke --function-name WORKER --payload "
      + "'{\"run\":\"\(run)\",\"shard\":\(shard)}' answer.json"
  }
}
