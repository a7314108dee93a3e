import Shared

/// Writes a run's plans and invokes its workers.
struct FanOut: Sendable {
  /// Calls on their way at once, to S3 and to Lambda.
  static let callsMax = 30

  let services: AWSServices
  let workerFunction: String
  let traceID: String?

  /// Writes every plan. Nothing is invoked before all of them stand. A plan that stands already is left, when it is
  /// the same: the same event came twice.
  /// - Throws: `RunExists` when the run's name is taken by another run.
  func writePlans(_ plans: [ShardPlan]) async throws {
    _ = try await BoundedFanOut.map(plans, limit: Self.callsMax) { plan in
      let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.plan(shard: plan.shard))
      let text = try ShardPlanEncoder.encode(plan)
      let written = try await services.s3.put(
        object, HTTPBody(text), sha256: SHA256.hex(of: text), contentType: "application/json",
        condition: .isNew)
      guard written == nil else { return }
      guard try await services.s3.get(object) == text else { throw RunExists(run: plan.run) }
    }
  }

  /// The shards to invoke workers for: those that nobody works on and nobody has finished, no more of them than there
  /// are workers to spare. For an event that came twice that may be none.
  func open(_ plan: RunPlan, terms: LeaseTerms) async throws -> [ShardPlan] {
    guard let first = plan.shards.first else { return [] }
    let objects = try await services.s3.list(bucket: first.destination.bucket, prefix: first.layout.folder)
    let listing = RunListing(
      objects: objects.map { ($0.key, $0.modifiedAt) }, layout: first.layout, now: .now(), terms: terms)
    let working = listing.leased.subtracting(listing.reported)
    let free = plan.shards.filter { !listing.reported.contains($0.shard) && !working.contains($0.shard) }
    return Array(free.prefix(max(0, plan.workers - working.count)))
  }

  /// Invokes a worker per plan. A shard that could not be invoked after all tries is named and the others go on.
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

  /// The plan itself; where it is larger than Lambda takes, where it stands.
  static func event(for plan: ShardPlan) throws -> [UInt8] {
    struct Stored: Encodable {
      let run: RunName
      let shard: Int
      let destination: Destination
      let helps = true
    }
    let whole = try ShardPlanEncoder.encode(plan)
    guard whole.count > LambdaClient.eventBytesMax else { return whole }
    return try JSONText.encode(Stored(run: plan.run, shard: plan.shard, destination: plan.destination))
  }
}

/// The run's name belongs to another run.
struct RunExists: TypedError, Equatable {
  let run: RunName

  var errorType: String { "RunExists" }

  var description: String {
    "There is a run \(run) already, with other films or settings. Leave \"run\" out, or choose another name."
  }
}
