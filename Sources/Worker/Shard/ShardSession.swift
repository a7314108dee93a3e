import Shared

/// A shard that an invocation takes up, and how.
struct SessionRequest: Sendable {
  let plan: ShardPlan
  /// What the hop before left to show.
  let ticket: String?
  /// Invocations before this one, one after the other.
  let hop: Int
  /// Names a replay of everything through its hops; nil for any other work.
  let generation: String?
  /// Whether the worker goes on with other shards.
  let helps: Bool
  /// Whether it was found with nobody at it: then a report, whatever it says, leaves nothing to do.
  let isUnclaimed: Bool

  /// What the event asks for.
  init(_ event: WorkerEvent, _ plan: ShardPlan, requestID: String) {
    self.plan = plan
    ticket = event.lease
    hop = event.hop
    generation = event.replay == .all ? event.generation ?? requestID : nil
    helps = event.helps
    isUnclaimed = false
  }

  /// A shard that nobody works on.
  init(takingUp plan: ShardPlan) {
    self.plan = plan
    (ticket, hop, generation, helps, isUnclaimed) = (nil, 0, nil, true, true)
  }
}

/// How an invocation's work on a shard ended.
enum SessionOutcome: Sendable {
  case done(ShardReport)
  /// It was done before.
  case wasDone(ShardReport)
  case handedOver(ShardReport)
  /// Somebody else has it; `isAlive` where that showed.
  case held(Lease, isAlive: Bool)
}

/// What one shard's work hands to the next in an invocation: TMDB, and the fetcher, which knows the rate.
///
/// Safety of `@unchecked Sendable`: touched by tasks of one loop alone, which share its one thread.
final class Bench: @unchecked Sendable {
  var fetcher: FilmFetcher?
  private var service: (any TMDBAPI)?

  /// TMDB, with its token: read once.
  @discardableResult
  func openService(_ dependencies: WorkerDependencies) async throws -> any TMDBAPI {
    if let service { return service }
    let service = try await dependencies.openTMDB()
    self.service = service
    return service
  }
}

/// One shard in one invocation, with its lease held.
struct ShardSession: Sendable {
  let assignment: SessionRequest
  let dependencies: WorkerDependencies
  let invocation: Invocation
  let timeBudget: TimeBudget
  /// The invocation's time.
  let seconds: Double
  /// The lease as it was found.
  let earlier: Lease?
  let lease: ShardLease
  let log: Log

  private var plan: ShardPlan { assignment.plan }

  /// What earlier hops noted. Whoever fetches everything again asks anew, but for what its own hops know.
  private var noted: Lease? { assignment.hop > 0 || assignment.generation == nil ? earlier : nil }

  func work(_ bench: Bench) async throws -> SessionOutcome {
    if assignment.isUnclaimed, let report = try await storedReport() { return try await leave(report) }
    let checkpoint = try await Checkpoint.read(
      plan, generation: assignment.generation, objects: dependencies.objects)
    // A shard of which nothing is to be done keeps the report that tells what was, if it is of these files: a replay of
    // everything may have died behind the last file.
    if checkpoint.missing.isEmpty, let report = try await storedReport(), report.state == .complete,
      Set(report.files.map(\.sha256)) == Set(checkpoint.kept.map(\.file.sha256))
    {
      return try await leave(report)
    }
    log.info(
      "shard started",
      [
        "run": .string("\(plan.run)"), "shard": .integer(plan.shard), "hop": .integer(assignment.hop),
        "films": .integer(plan.films.count), "filesKept": .integer(checkpoint.kept.count),
        "filesToFetch": .integer(checkpoint.missing.count),
      ])
    var draft = ReportDraft(
      plan: plan, kept: checkpoint.kept, earlier: noted, hop: assignment.hop, requestID: invocation.requestID,
      clock: dependencies.clock)
    defer { log.shardWorked(draft) }
    do {
      try await fetch(checkpoint, bench, into: &draft)
      if !draft.isFinished { return .handedOver(try await handOver(draft)) }
    } catch let error where assignment.isUnclaimed && error.affectsEveryShard {
      // Lambda tries this invocation again for a shard of its own. One that was found stays to be found.
      try? await lease.release(draft.report)
      throw error
    } catch let error where !(error is LeaseLost || error is CancellationError) {
      // Whoever follows the run reads in the report why this shard ended; Lambda tries it again all the same.
      draft.stopped = "\(error)"
      try? await close(draft.report)
      try? await endRunIfOver()
      throw error
    }
    let report = draft.report
    try await close(report)
    log.info("shard \(report.state.rawValue)", report.logFields)
    return .done(report)
  }

  private func fetch(_ checkpoint: Checkpoint, _ bench: Bench, into draft: inout ReportDraft) async throws {
    guard !checkpoint.missing.isEmpty else {
      draft.isFinished = true
      return
    }
    let fetcher = try await fetcher(bench)
    defer {
      draft.requests = fetcher.takeRequests()
      draft.rate = fetcher.rate
    }
    let work = ShardPipeline(
      plan: plan, dependencies: dependencies, fetcher: fetcher, timeBudget: timeBudget,
      generation: assignment.generation,
      lease: lease,
      log: log)
    draft.isFinished = try await work.work(checkpoint.missing, absent: Set(noted?.absent ?? [])) {
      draft.written.append($0)
    }
  }

  private func fetcher(_ bench: Bench) async throws -> FilmFetcher {
    if let fetcher = bench.fetcher { return fetcher }
    let fetcher = FilmFetcher(
      service: try await bench.openService(dependencies), lookup: plan.lookup,
      share: RateShare(plan: plan, learned: earlier?.rate), clock: dependencies.clock,
      randomness: dependencies.randomness, forgetToken: dependencies.forgetToken)
    bench.fetcher = fetcher
    return fetcher
  }

  /// Gives a shard up that was done before.
  private func leave(_ report: ShardReport) async throws -> SessionOutcome {
    try await lease.release(report)
    return .wasDone(report)
  }

  /// Writes the report and gives the shard up.
  private func close(_ report: ShardReport) async throws {
    try lease.requireHeld()
    try await dependencies.objects.putJSON(reportObject, report)
    try await lease.release(report)
  }

  private func endRunIfOver() async throws {
    let completion = RunCompletion(plan: plan, dependencies: dependencies)
    let listing = try await completion.look()
    guard listing.isFinished else { return }
    let (manifest, isFirst) = try await completion.finish()
    log.runEnded(manifest, isFirst: isFirst, listing, plan, at: dependencies.clock.date)
  }

  /// Keeps the lease for the next hop, and invokes it.
  private func handOver(_ draft: ReportDraft) async throws -> ShardReport {
    let (report, next) = (draft.report, assignment.hop + 1)
    let forecast = HopLimit.hops(
      requests: plan.films.count * plan.lookup.requestsPerFilm, rate: report.rate, secondsPerHop: seconds)
    let hopsMax = max(forecast, earlier?.hopsMax ?? 0)
    guard assignment.hop < hopsMax else { throw HopLimitReached(plan: plan, hops: next) }
    // A hop whose next request is not due in its time waits that out: handing over at once would only spin.
    try await dependencies.clock.sleep(until: timeBudget.startUntil)
    let ticket = "\(invocation.requestID)+\(next)/\(dependencies.randomness.nonce())"
    try await lease.handOver(to: ticket, report: report, hopsMax: hopsMax)
    let call = FollowUpEvent(
      plan: plan, shard: plan.shard, hop: next, lease: ticket, generation: assignment.generation,
      helps: assignment.helps)
    try await dependencies.invoke(call, invocation)
    log.info("shard handed over to the next hop", report.logFields)
    return report
  }

  private func storedReport() async throws -> ShardReport? {
    try await dependencies.objects.get(reportObject).map { try JSONText.decode(ShardReport.self, from: $0) }
  }

  private var reportObject: ObjectAddress {
    ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.report(shard: plan.shard))
  }
}

/// A shard that was handed over more often than any forecast explains.
struct HopLimitReached: TypedError, Equatable {
  let run: RunName
  let shard: Int
  let hops: Int

  init(plan: ShardPlan, hops: Int) {
    run = plan.run
    shard = plan.shard
    self.hops = hops
  }

  var errorType: String { "HopLimitReached" }

  var description: String {
    "Shard \(shard) of run \(run) is not done after \(hops) invocations, more than twice what was forecast. What is "
      + "written stays. See whether TMDB answers, then go on with: elenco replay \(run) --shard \(shard); "
      + "or invoke the worker with {\"run\":\"\(run)\",\"shard\":\(shard)}."
  }
}
