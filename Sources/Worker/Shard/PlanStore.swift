import Shared

/// Loads shard plans from S3.
struct PlanStore {
  let objects: any ObjectStore

  /// The plan that an event contains, or the stored one that it names.
  /// - Throws: `PlanNotFound`.
  func plan(of event: WorkerEvent) async throws -> ShardPlan {
    switch event.work {
    case .plan(let plan): plan
    case .stored(let run, let shard, let destination, let workers):
      try await plan(run: run, shard: shard, destination: destination, workers: workers)
    }
  }

  /// - Parameter workers: replaces the plan's number of workers, unless nil.
  /// - Throws: `PlanNotFound`.
  func plan(
    run: RunName, shard: Int, destination: Destination, workers: Int? = nil
  ) async throws -> ShardPlan {
    let object = ObjectAddress(
      bucket: destination.bucket, key: RunLayout.plan(prefix: destination.prefix, run: run, shard: shard))
    guard let bytes = try await objects.get(object),
      var plan = try ShardPlan(stored: bytes, destination: destination)
    else { throw PlanNotFound(object: object) }
    plan.workers = workers ?? plan.workers
    return plan
  }
}

/// No plan exists for the run and shard that an event names.
struct PlanNotFound: TypedError, Equatable {
  let object: ObjectAddress

  var errorType: String { "PlanNotFound" }

  var description: String {
    "There is no shard plan at \(object). Check the run and the shard: the dispatcher's response names the run, and "
      + "its plans are stored under _runs/ at the destination."
  }
}
