import Shared

/// One invocation's work on one shard while it holds the lease: reads the checkpoint, fetches and writes what is
/// missing, and writes the report or hands the shard over to the next hop.
struct ShardSession: Sendable {
  let request: SessionRequest
  let dependencies: WorkerDependencies
  let invocation: Invocation
  let timeBudget: TimeBudget
  /// The time that Lambda gives the invocation.
  let invocationSeconds: Double
  /// The lease as this invocation found it, with what the hops before left in it.
  let previousLease: Lease?
  let lease: ShardLease
  let writer: DataFileWriter
  let folder: FolderGuard
  let fetchers: FetcherProvider
  let log: Log

  /// Attempts to write a report that a worker that had the shard before writes at the same time.
  private static let reportAttemptsMax = 8

  private var plan: ShardPlan { request.plan }

  /// What earlier hops recorded. The first hop of a `"replay": "all"` ignores it, because it fetches everything again.
  private var earlierHops: Lease? { request.hop > 0 || request.generation == nil ? previousLease : nil }

  /// - Throws: `LeaseLost` when another worker may have the shard; `RunReplaced` when another run has the folder;
  ///   `RunCancelled`; otherwise whatever stopped the work, after the reason was written to the report.
  func run() async throws -> SessionOutcome {
    try await folder.requireActive()
    if request.isUnclaimed, let report = try await storedReport() { return try await alreadyDone(report) }
    let checkpoint = try await Checkpoint.read(
      plan, generation: request.generation, objects: dependencies.objects)
    if let report = try await finalReport(for: checkpoint) { return try await alreadyDone(report) }
    log.info(
      "shard started",
      [
        "run": .string("\(plan.run)"), "shard": .integer(plan.shard), "hop": .integer(request.hop),
        "films": .integer(plan.films.count), "filesKept": .integer(checkpoint.kept.count),
        "filesToFetch": .integer(checkpoint.missing.count),
      ])
    var draft = ReportDraft(
      plan: plan, kept: checkpoint.kept, earlierHops: earlierHops, hop: request.hop,
      requestID: invocation.requestID, clock: dependencies.clock)
    draft.series = earlierHops == nil ? lease.series.withoutHistory : lease.series
    defer { log.shardWorked(draft) }
    do {
      try await fetch(checkpoint, into: &draft)
      if !draft.isFinished { return .handedOver(try await handOver(draft)) }
    } catch let error where request.isUnclaimed && error.affectsEveryShard {
      // Lambda retries this invocation for its own shard. The unclaimed one stays free for any worker.
      try? await lease.release(draft.report, found: draft.found)
      throw error
    } catch let error where !(error is LeaseLost || error is CancellationError || error.endsInvocation) {
      // The report tells those who follow the run why this shard stopped. Lambda retries the invocation all the same.
      draft.stopped = "\(error)"
      try? await close(draft.report, found: draft.found)
      try? await finishRunIfOver()
      throw error
    }
    let index = ShardIndex(plan: plan, objects: dependencies.objects)
    try await index.write(known: draft.index, earlier: checkpoint.kept, under: lease)
    let report = draft.report
    try await close(report)
    log.info("shard \(report.state.rawValue)", report.logFields)
    return .done(report)
  }

  // MARK: - Fetching

  private func fetch(_ checkpoint: Checkpoint, into draft: inout ReportDraft) async throws {
    guard !checkpoint.missing.isEmpty else {
      draft.isFinished = true
      return
    }
    draft.found = earlierHops?.found ?? [:]
    let fetcher = try await fetchers.fetcher(for: plan, learnedRate: previousLease?.rate)
    fetcher.startShard(found: draft.found)
    await fetchers.countIfDue()
    async let _: Void = fetchers.keepCounting()
    defer {
      draft.found = fetcher.foundFilms(of: plan)
      draft.requests = fetcher.takeRequests()
      draft.rate = fetcher.rate
      draft.series = fetcher.series ?? draft.series
    }
    fetcher.record(into: draft.series)
    lease.latestSeries = { fetcher.series }
    let pipeline = ShardPipeline(
      plan: plan, dependencies: dependencies, fetcher: fetcher, timeBudget: timeBudget,
      generation: request.generation, writer: writer, loader: loader, log: log)
    let absent = Set(earlierHops?.absent ?? [])
    draft.isFinished = try await pipeline.run(checkpoint.missing, absent: absent) { draft.written.append($0) }
  }

  private var loader: KnownFilmsLoader {
    // A replay of everything fetches what was kept before too.
    let base = request.generation == nil ? plan.base : nil
    return KnownFilmsLoader(
      plan: plan, objects: dependencies.objects,
      base: base.map {
        BaseFiles(base: $0, bucket: plan.destination.bucket, objects: dependencies.objects, log: log)
      })
  }

  // MARK: - Reporting

  /// The stored report, if it is final for the files of the checkpoint. If a `"replay": "all"` died after it had written
  /// the last file but before its report, the stored report describes the previous files.
  private func finalReport(for checkpoint: Checkpoint) async throws -> ShardReport? {
    guard checkpoint.missing.isEmpty, let report = try await storedReport(), report.state == .complete,
      Set(report.files.map(\.sha256)) == Set(checkpoint.kept.map(\.file.sha256))
    else { return nil }
    return report
  }

  private func alreadyDone(_ report: ShardReport) async throws -> SessionOutcome {
    try await lease.release(report)
    return .alreadyDone(report)
  }

  /// Writes the report and releases the lease.
  /// - Parameter found: TMDB ids for a replay: see `Lease.found`.
  private func close(_ report: ShardReport, found: [String: Int] = [:]) async throws {
    for _ in 0..<Self.reportAttemptsMax {
      try await folder.requireActive()
      let stored = try await dependencies.objects.read(reportObject)
      try lease.requireHeld()
      let condition: S3Client.Condition = stored.map { .isUnchanged(etag: $0.etag) } ?? .isNew
      fetchers.membership(for: plan)?.willReport()
      if try await dependencies.objects.putJSON(reportObject, report, condition: condition) != nil {
        return try await lease.release(report, found: found)
      }
      // A retry after a lost response, or a late write by a worker that had the shard before.
      try await lease.confirm()
    }
    throw LeaseLost(object: reportObject, holder: nil)
  }

  private func finishRunIfOver() async throws {
    let completion = RunCompletion(plan: plan, dependencies: dependencies, log: log)
    _ = try await completion.finishIfOver(try await completion.readListing())
  }

  private func storedReport() async throws -> ShardReport? {
    try await dependencies.objects.get(reportObject).map { try JSONText.decode(ShardReport.self, from: $0) }
  }

  private var reportObject: ObjectAddress {
    ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.report(shard: plan.shard))
  }

  // MARK: - Handing over

  /// Reserves the lease for the next hop, and invokes it.
  /// - Throws: `HopLimitReached`.
  private func handOver(_ draft: ReportDraft) async throws -> ShardReport {
    let nextHop = request.hop + 1
    let limit = HopLimit.hops(
      requests: plan.films.count * plan.lookup.requestsPerFilm, rate: draft.rate,
      secondsPerHop: invocationSeconds)
    let hopsMax = max(limit, previousLease?.hopsMax ?? 0)
    guard request.hop < hopsMax else { throw HopLimitReached(plan: plan, hops: nextHop) }
    // If the next request is due only after this invocation's time, handing over at once would create a rapid chain of
    // invocations that send nothing.
    try await dependencies.clock.sleep(until: timeBudget.startUntil)
    // Its time, and the session in its series, include the wait.
    let report = draft.report
    let token = "\(invocation.requestID)+\(nextHop)/\(dependencies.randomness.nonce())"
    try await lease.handOver(to: token, report: report, found: draft.found, hopsMax: hopsMax)
    let event = FollowUpEvent(
      plan: plan, shard: plan.shard, hop: nextHop, lease: token, generation: request.generation,
      helps: request.takesOtherShards)
    try await dependencies.invoke(event, invocation)
    log.info("shard handed over to the next hop", report.logFields)
    return report
  }
}

/// A shard was handed over more often than any forecast explains.
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
    "Shard \(shard) of run \(run) is not done after \(hops) invocations, more than twice as many as forecast. All "
      + "files written so far are kept. Check that TMDB responds, then continue with: elenco replay \(run) --shard "
      + "\(shard); or invoke the worker with {\"run\":\"\(run)\",\"shard\":\(shard)}."
  }
}
