import Shared

/// Writes a run's plans and invokes its workers.
struct FanOut: Sendable {
  /// Calls on their way at once, to S3 and to Lambda.
  static let callsMax = 30

  let services: AWSServices
  let workerFunction: String
  let traceID: String?

  /// Writes every plan. Nothing is invoked before all of them stand.
  func writePlans(_ plans: [ShardPlan]) async throws {
    _ = try await BoundedFanOut.map(plans, limit: Self.callsMax) { plan in
      try await services.s3.putJSON(
        ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.plan(shard: plan.shard)), plan)
    }
  }

  /// Invokes a worker per plan. A shard that could not be invoked after all tries is named and the others go on.
  func invokeWorkers(_ plans: [ShardPlan]) async throws -> [DispatchAnswer.Failure] {
    try await BoundedFanOut.map(plans, limit: Self.callsMax) { plan -> DispatchAnswer.Failure? in
      do {
        try await services.lambda.invokeAsync(
          workerFunction, event: try Self.event(for: plan), traceID: traceID)
        return nil
      } catch let error where !(error is CancellationError) {
        return DispatchAnswer.Failure(shard: plan.shard, reason: "\(error)")
      }
    }.compactMap { $0 }
  }

  /// The plan itself; where it is larger than Lambda takes, where it stands.
  static func event(for plan: ShardPlan) throws -> [UInt8] {
    struct Stored: Encodable {
      let run: RunName
      let shard: Int
      let destination: Destination
    }
    let whole = try JSONText.encode(plan)
    guard whole.count > LambdaClient.eventBytesMax else { return whole }
    return try JSONText.encode(Stored(run: plan.run, shard: plan.shard, destination: plan.destination))
  }
}
