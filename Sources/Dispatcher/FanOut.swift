import Shared

/// Writes a run's shard plans to S3 and invokes its workers.
struct FanOut: Sendable {
  /// Maximum number of calls in flight, to S3 or to Lambda.
  static let callsMax = 30

  let services: AWSServices
  let workerFunction: String
  let traceID: String?

  /// Writes all plans. A plan that already exists with the same bytes is left as it is: the event was delivered twice.
  /// So is one that differs only in what depends on the time of planning, see `StoredPlans`.
  ///
  /// Call this before invoking any worker, because workers rely on the plans of the whole run.
  /// - Returns: the plans as they are stored.
  /// - Throws: `RunExists` if a plan of this name exists with other films or settings.
  func writePlans(of run: RunPlan) async throws -> [ShardPlan] {
    try await BoundedFanOut.map(run.shards, limit: Self.callsMax) { plan in
      let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.plan(shard: plan.shard))
      let text = try ShardPlanEncoder.encode(plan)
      let written = try await services.s3.put(
        object, HTTPBody(text), sha256: SHA256.hex(of: text), contentType: "application/json",
        condition: .isNew)
      guard written == nil else { return plan }
      guard let stored = try await services.s3.get(object) else { throw RunExists(run: plan.run) }
      return stored == text ? plan : try StoredPlans.adopt(stored, for: plan, of: run.event)
    }
  }

  /// Writes films.csv, unless the run already has one.
  func writeFilms(_ table: [UInt8], of plan: RunPlan) async throws {
    guard let first = plan.shards.first else { return }
    let object = ObjectAddress(bucket: first.destination.bucket, key: first.layout.selectedFilms)
    try await services.s3.put(
      object, HTTPBody(table), sha256: SHA256.hex(of: table), contentType: "text/csv", condition: .isNew)
  }

  /// Returns the shards to invoke workers for: those without a report and without a valid lease, limited to the number
  /// of workers that may still start. It can be empty if the event was delivered twice.
  func pendingShards(of plan: RunPlan, terms: LeaseTerms) async throws -> [ShardPlan] {
    guard let first = plan.shards.first else { return [] }
    let objects = try await services.s3.list(bucket: first.destination.bucket, prefix: first.layout.folder)
    let listing = RunListing(
      objects: objects.map { ($0.key, $0.modifiedAt) }, layout: first.layout, now: .now(), terms: terms)
    let running = listing.leased.subtracting(listing.reported)
    let pending = plan.shards.filter { !listing.reported.contains($0.shard) && !running.contains($0.shard) }
    return Array(pending.prefix(max(0, plan.workers - running.count)))
  }

  /// Invokes one worker per plan and returns the shards whose invocation failed after all attempts, with the reasons.
  func invokeWorkers(_ plans: [ShardPlan]) async throws -> [DispatcherResponse.Failure] {
    try await BoundedFanOut.map(plans, limit: Self.callsMax) { plan -> DispatcherResponse.Failure? in
      do {
        try await services.lambda.invokeAsync(
          workerFunction, event: try Self.event(for: plan), traceID: traceID)
        return nil
      } catch let error where !(error is CancellationError) {
        return DispatcherResponse.Failure(shard: plan.shard, reason: "\(error)")
      }
    }.compactMap { $0 }
  }

  /// The worker's event: the plan itself, or the run and shard of the stored plan if the plan exceeds
  /// `LambdaClient.eventBytesMax`.
  static func event(for plan: ShardPlan) throws -> [UInt8] {
    struct PlanReference: Encodable {
      let run: RunName
      let shard: Int
      let destination: Destination
      let helps = true
    }
    let encodedPlan = try ShardPlanEncoder.encode(plan)
    guard encodedPlan.count > LambdaClient.eventBytesMax else { return encodedPlan }
    return try JSONText.encode(
      PlanReference(run: plan.run, shard: plan.shard, destination: plan.destination))
  }
}

/// The run's name is already used by a run with other plans.
struct RunExists: TypedError, Equatable {
  let run: RunName

  var errorType: String { "RunExists" }

  var description: String {
    "Run \(run) already exists with other films or settings. Omit \"run\" from the event, or choose another "
      + "name."
  }
}
