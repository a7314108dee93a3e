import Shared

/// Answers a worker's invocations: a shard's plan in, its report out.
struct WorkerHandler: LambdaHandler {
  let configuration: WorkerConfiguration
  let http: HTTPClient
  let services: AWSServices
  let tokens: TokenStore
  let log: Log

  init(http: HTTPClient, environment: [String: String], log: Log) throws {
    configuration = try WorkerConfiguration(environment: environment)
    self.http = http
    services = try AWSServices(http: http, environment: environment)
    tokens = TokenStore(source: configuration.token, secrets: services.secrets)
    self.log = log
  }

  func handle(_ invocation: Invocation) async throws -> [UInt8] {
    let (clock, startedAt) = (ContinuousClock.now, UnixTime.now())
    var log = log
    log.requestID = invocation.requestID
    let event = try WorkerEvent(
      parsing: invocation.event, defaultBucket: configuration.bucket, defaultPrefix: configuration.prefix)
    let plan = try await plan(of: event)
    let checkpoint = try await Checkpoint.read(plan, replay: event.replay, s3: services.s3)
    log.info(
      "shard started",
      [
        "run": .string("\(plan.run)"), "shard": .integer(plan.shard), "films": .integer(plan.films.count),
        "filesKept": .integer(checkpoint.kept.count), "filesToFetch": .integer(checkpoint.missing.count),
      ])
    var draft = ReportDraft(
      plan: plan, kept: checkpoint.kept, requestID: invocation.requestID, startedAt: startedAt, clock: clock)
    do {
      try await fetch(checkpoint, of: plan, log: log, into: &draft)
    } catch let failure as any TypedFailure {
      // Whoever follows the run reads in the report why this shard ended; Lambda tries it again all the same.
      draft.stopped = "\(failure)"
      try? await write(draft.report, of: plan)
      throw failure
    }
    let report = draft.report
    try await write(report, of: plan)
    log.info("shard \(report.state.rawValue)", report.logFields)
    return try JSONText.encode(report)
  }

  private func write(_ report: ShardReport, of plan: ShardPlan) async throws {
    try await services.s3.putJSON(
      ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.report(shard: plan.shard)), report)
  }

  private func fetch(
    _ checkpoint: Checkpoint, of plan: ShardPlan, log: Log, into draft: inout ReportDraft
  ) async throws {
    guard !checkpoint.missing.isEmpty else { return }
    let client = TMDBClient(
      http: http, baseURL: configuration.tmdbBaseURL, token: try await tokens.token())
    let fetcher = FilmFetcher(client: client, lookup: plan.lookup, share: RateShare(plan: plan))
    defer { draft.requests = fetcher.requests }
    let worker = ShardWorker(plan: plan, s3: services.s3, fetcher: fetcher, log: log)
    do {
      try await worker.work(checkpoint.missing) { draft.written.append($0) }
    } catch let failure as TMDBFailure {
      if case .tokenRefused = failure { tokens.forget() }
      throw failure
    }
  }

  private func plan(of event: WorkerEvent) async throws -> ShardPlan {
    switch event.work {
    case .plan(let plan): return plan
    case .stored(let run, let shard, let destination):
      let object = ObjectAddress(
        bucket: destination.bucket,
        key: RunLayout.plan(prefix: destination.prefix, run: run, shard: shard))
      guard let bytes = try await services.s3.get(object) else { throw PlanMissing(object: object) }
      let stored = try WorkerEvent(
        parsing: bytes, defaultBucket: destination.bucket, defaultPrefix: destination.prefix)
      guard case .plan(let plan) = stored.work else { throw PlanMissing(object: object) }
      return plan
    }
  }
}

/// There is no plan where the event says.
struct PlanMissing: TypedFailure, Equatable {
  let object: ObjectAddress

  var errorType: String { "PlanNotFound" }

  var description: String {
    "There is no shard plan at \(object). Are run and shard right? The dispatcher's answer names the run, and its "
      + "plans stand under _runs/ of the destination."
  }
}
