import Shared

/// The plans of a run's shards, in S3.
struct PlanStore {
  let objects: any ObjectStore

  /// The plan that an event brings, or names.
  /// - Throws: `PlanMissing`.
  func plan(of event: WorkerEvent) async throws -> ShardPlan {
    switch event.work {
    case .plan(let plan): plan
    case .stored(let run, let shard, let destination, let workers):
      try await plan(run: run, shard: shard, destination: destination, workers: workers)
    }
  }

  /// - Parameter workers: stands in for the plan's where it is given.
  func plan(
    run: RunName, shard: Int, destination: Destination, workers: Int? = nil
  ) async throws -> ShardPlan {
    let object = ObjectAddress(
      bucket: destination.bucket, key: RunLayout.plan(prefix: destination.prefix, run: run, shard: shard))
    guard let bytes = try await objects.get(object) else { throw PlanMissing(object: object) }
    let stored = try WorkerEvent(
      parsing: bytes, defaultBucket: destination.bucket, defaultPrefix: destination.prefix)
    guard case .plan(var plan) = stored.work else { throw PlanMissing(object: object) }
    plan.workers = workers ?? plan.workers
    return plan
  }
}

/// There is no plan where the event says.
struct PlanMissing: TypedError, Equatable {
  let object: ObjectAddress

  var errorType: String { "PlanNotFound" }

  var description: String {
    "There is no shard plan at \(object). Are run and shard right? The dispatcher's answer names the run, and its "
      + "plans stand under _runs/ of the destination."
  }
}
