import Shared

/// Handles the dispatcher's invocations: scans the source, filters and partitions the films, writes the shard plans
/// and invokes the workers.
struct DispatcherHandler: LambdaHandler {
  let configuration: DispatcherConfiguration
  let services: AWSServices
  let dependencies: DispatcherDependencies
  let log: Log

  init(http: HTTPClient, environment: [String: String], log: Log) throws {
    configuration = try DispatcherConfiguration(environment: environment)
    services = try AWSServices(http: http, environment: environment)
    let tmdb = Result { () throws(ConfigurationError) in try TMDBConfiguration(environment: environment) }
    dependencies = DispatcherDependencies(http: http, services: services, tmdb: tmdb)
    self.log = log
  }

  func handle(_ invocation: Invocation) async throws -> [UInt8] {
    let (clock, startedAt) = (ContinuousClock.now, UnixTime.now())
    var log = log
    log.requestID = invocation.requestID
    let event = try DispatcherEvent(
      parsing: invocation.event, defaults: configuration.defaults, now: startedAt,
      requestID: invocation.requestID)
    let selection = try await SourceReader(s3: services.s3).read(event)
    try RunPlan(event, run: event.run, films: selection.films, date: event.date).check(configuration)
    let base =
      event.refresh == .changed
      ? try await BaseRun.find(
        event.base, for: event.run, destination: event.destination, objects: dependencies.objects) : nil
    let claimed = try await claim(event, selection.films, requestID: event.requestID)
    let tmdb = DispatcherTMDB(dependencies)
    let prepared = try await preparation(invocation, startedAt, tmdb)
      .prepare(claimed.plan, base: base, isPlanned: claimed.isPlanned)
    let plan = prepared.plan
    let run = plan.run
    let folderWarning = try await take(claimed)
    let warnings = [folderWarning].compactMap { $0 } + prepared.warnings + selection.warnings
    let forecast = plan.forecast(configuration, dispatcherRequests: tmdb.requests)
    log.info(
      "run planned",
      [
        "run": .string("\(run)"), "rows": .integer(selection.input.rows),
        "films": .integer(selection.input.films), "selected": .integer(plan.films),
        "shards": .integer(plan.shards.count), "files": .integer(plan.files), "dryRun": .bool(event.dryRun),
      ])
    for warning in warnings + [forecast.warning].compactMap({ $0 }) {
      log.warn(warning, ["run": .string("\(run)")])
    }
    let outcome =
      event.dryRun
      ? (invoked: 0, failures: [])
      : try await dispatch(plan, selection, tmdb, invocation: invocation, log: log)
    let response = DispatcherResponse(
      plan, lookup: prepared.lookup, input: selection.input, invoked: outcome.invoked,
      failures: outcome.failures, forecast: forecast,
      warning: warnings.isEmpty ? nil : warnings.joined(separator: " "), startedAt: startedAt,
      seconds: clock.duration(to: .now).inSeconds)
    log.info(
      "run dispatched",
      [
        "run": .string("\(run)"), "invoked": .integer(response.invoked),
        "notInvoked": .integer(outcome.failures.count), "seconds": .number(response.seconds),
      ])
    if !event.dryRun { await fanOut(invocation).emitMetrics(response, plan.shards, log) }
    return try JSONText.encode(response)
  }

  /// A run with its name, and what is still to do about its folder.
  private struct Claim {
    let plan: RunPlan
    /// Whether the run was planned before, so that its plans may be stored.
    var isPlanned = false
    /// Whether the day's folder has to be taken.
    var isPending = false
    /// That a dry run would replace another run, or would be refused.
    var warning: String?
  }

  /// Names the run, and checks that it may have the day's folder.
  /// - Throws: `FolderTaken` before anything is written; `RunReplaced` or `RunCancelled` for a run that was
  ///   planned before.
  private func claim(
    _ event: DispatcherEvent, _ films: [String], requestID: String
  ) async throws -> Claim {
    let registry = RunRegistry(objects: services.s3, destination: event.destination)
    let name = try await registry.name(event, requestID: requestID)
    // A run that was already planned, perhaps on another day, keeps its date.
    if !event.dryRun, let date = try await registry.date(of: name) {
      let plan = RunPlan(event, run: name, films: films, date: date)
      try await folderClaim(plan)?.requireActive()
      return Claim(plan: plan, isPlanned: true)
    }
    let candidate = RunPlan(event, run: name, films: films, date: event.date)
    do {
      let warning = try await folderClaim(candidate)?.check()
      if event.dryRun { return Claim(plan: candidate, warning: warning) }
    } catch let refusal as FolderTaken where event.dryRun {
      return Claim(plan: candidate, warning: "This run would be refused: \(refusal)")
    }
    let run = try await registry.record(name, of: event, requestID: requestID)
    let plan = run == name ? candidate : RunPlan(event, run: run, films: films, date: event.date)
    return Claim(plan: plan, isPending: true)
  }

  /// Takes the day's folder for the run. This comes after the requests to TMDB, because until then an error leaves the
  /// folder's run and its _SUCCESS as they are.
  /// - Returns: a warning if the run replaces another one, or that of the claim.
  private func take(_ claim: Claim) async throws -> String? {
    guard claim.isPending else { return claim.warning }
    return try await folderClaim(claim.plan)?.take(now: .now())
  }

  private func folderClaim(_ plan: RunPlan) -> FolderClaim? {
    FolderClaim(objects: services.s3, plan: plan, terms: configuration.lease)
  }

  /// Requests to TMDB take at most half of the invocation's time. The rest is for S3 and Lambda.
  private func preparation(
    _ invocation: Invocation, _ startedAt: UnixTime, _ tmdb: DispatcherTMDB
  ) -> RunPreparation {
    let remaining = startedAt.duration(to: invocation.deadline) / 2
    return RunPreparation(
      dependencies: dependencies, tmdb: tmdb,
      timeBudget: TimeBudget(remaining: remaining, now: dependencies.clock.now))
  }

  private func fanOut(_ invocation: Invocation) -> FanOut {
    FanOut(services: services, workerFunction: configuration.workerFunction, traceID: invocation.traceID)
  }

  private func dispatch(
    _ planned: RunPlan, _ selection: SourceReader.Selection, _ tmdb: DispatcherTMDB, invocation: Invocation,
    log: Log
  ) async throws -> (invoked: Int, failures: [DispatcherResponse.Failure]) {
    let fanOut = fanOut(invocation)
    let films = SelectedFilms.table(
      films: selection.films, generos: selection.generos.generos, indexes: selection.generos.indexes,
      genres: planned.event.genres)
    async let written: Void = fanOut.writeFilms(films, of: planned)
    var plan = planned
    plan.shards = try await fanOut.writePlans(of: planned)
    try await written
    try await tmdb.waitForCeiling()
    // A worker that finishes a shard takes the next one, so only as many shards are invoked as workers may run.
    let pending = try await fanOut.pendingShards(of: plan, terms: configuration.lease)
    let failures = try await fanOut.invokeWorkers(pending)
    if !pending.isEmpty, failures.count == pending.count, let first = failures.first {
      throw NoWorkerInvoked(run: plan.run, shards: failures.count, reason: first.reason)
    }
    for failure in failures {
      log.error(
        "shard \(failure.shard) was not invoked: \(failure.reason)",
        ["run": .string("\(plan.run)"), "shard": .integer(failure.shard)])
    }
    return (pending.count - failures.count, failures)
  }
}

/// The run is planned, but Lambda accepted none of the worker invocations.
struct NoWorkerInvoked: TypedError, Equatable {
  let run: RunName
  let shards: Int
  let reason: String

  var errorType: String { "NoWorkerInvoked" }

  var description: String {
    "No worker of run \(run) could be invoked (workers needed: \(shards)): \(reason) "
      + "The shard plans are written. Fix the cause, then send the same event with \"run\": \"\(run)\"."
  }
}

extension DispatcherResponse {
  init(
    _ plan: RunPlan, lookup: LookupTaken?, input: Input, invoked: Int, failures: [Failure],
    forecast: Forecast, warning: String?,
    startedAt: UnixTime, seconds: Double
  ) {
    self.init(
      run: plan.run, date: plan.date, startedAt: startedAt.iso8601, source: input,
      destination: plan.event.destination,
      films: plan.films, shards: plan.shards.count, files: plan.files,
      filmsPerFile: plan.event.filmsPerFile,
      filmsPerShard: [plan.shards.first, plan.shards.last].compactMap { $0?.films.count },
      workers: plan.workers, refresh: plan.refresh, lookup: lookup, forecast: forecast,
      dryRun: plan.event.dryRun, warning: warning,
      invoked: invoked, notInvoked: failures,
      seconds: seconds)
  }
}
