import Shared

/// Invokes workers again for shards of a run.
struct RunReplay {
  /// Maximum number of invocations that are sent concurrently.
  private static let invocationsMax = 16

  let options: RunOptions
  let lambda: LambdaClient

  private struct Event: Encodable {
    let run: RunName
    let shard: Int
    let destination: Destination
    let replay: Replay
    /// Number of workers that share the run's request rate now: the running and the replayed ones. The plan's number
    /// would give each worker too small a share.
    let workers: Int
    /// When the run was cancelled, which resumes it; nil if it was not.
    let resume: String?
  }

  /// Invokes a worker for each shard, without waiting for their reports.
  /// - Parameter status: the state of the run before.
  func invokeWorkers(for shards: [Int], _ replay: Replay, _ status: RunStatus) async throws {
    let workers = status.workers(replaying: shards)
    _ = try await BoundedFanOut.map(shards, limit: Self.invocationsMax) { shard in
      try await lambda.invokeAsync(
        options.worker, event: try event(shard, replay, status, workers: workers), traceID: nil)
    }
  }

  /// Invokes a worker for a shard and waits for its response.
  /// - Parameter status: the state of the run before.
  func invokeWorker(for shard: Int, _ replay: Replay, _ status: RunStatus) async throws
    -> LambdaClient.Response
  {
    let workers = status.workers(replaying: [shard])
    return try await lambda.invoke(
      options.worker, event: event(shard, replay, status, workers: workers))
  }

  private func event(
    _ shard: Int, _ replay: Replay, _ status: RunStatus, workers: Int
  ) throws -> [UInt8] {
    try JSONText.encode(
      Event(
        run: options.run, shard: shard, destination: options.destination, replay: replay,
        workers: workers, resume: status.cancellation))
  }

  /// `shard 3`, or `shards 3, 17`
  static func names(of shards: [Int]) -> String {
    "\(shards.count == 1 ? "shard" : "shards") \(shards.map(String.init).joined(separator: ", "))"
  }
}
