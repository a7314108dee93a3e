import Shared

/// Knows for which stopped shards a retry by Lambda is still to be expected. Performs no I/O.
///
/// Lambda sends an event up to three times: again 1 minute after the first failure, and 2 minutes after the second
/// (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html). A local cloud can be faster.
struct RetryWatch {
  /// The waits before the second and before the third attempt.
  private static let delays: [Duration] = [.seconds(60), .seconds(120)]
  /// Added to each wait: time in Lambda's queue, and until the worker takes the shard's lease.
  private static let slack: Duration = .seconds(60)

  /// A shard whose worker stopped.
  private struct Stop {
    /// When the last attempt began, which tells attempts apart. Their request ids are the same on AWS, but not on a local
    /// cloud.
    var startedAt: String
    /// Number of attempts that stopped.
    var attempts = 1
    /// When the shard's report or lease last changed.
    var lastChange: ContinuousClock.Instant
  }

  private var stops: [Int: Stop] = [:]

  /// Records the current report of a shard.
  mutating func record(_ report: ShardReport, at now: ContinuousClock.Instant) {
    guard report.state == .stopped else {
      stops[report.shard] = nil
      return
    }
    guard var stop = stops[report.shard] else {
      stops[report.shard] = Stop(startedAt: report.startedAt, lastChange: now)
      return
    }
    if stop.startedAt != report.startedAt { stop.attempts += 1 }
    (stop.startedAt, stop.lastChange) = (report.startedAt, now)
    stops[report.shard] = stop
  }

  /// Records that a shard's lease was written, so that a worker has the shard again.
  mutating func leaseChanged(shard: Int, at now: ContinuousClock.Instant) { stops[shard]?.lastChange = now }

  /// The stopped shards that may still be retried, in order.
  func awaited(at now: ContinuousClock.Instant) -> [Int] {
    stops.filter { _, stop in
      Self.delays.indices.contains(stop.attempts - 1)
        && now <= stop.lastChange + Self.delays[stop.attempts - 1] + Self.slack
    }.keys.sorted()
  }

  /// The largest number of attempts that any awaited shard has had.
  func attempts(at now: ContinuousClock.Instant) -> Int {
    awaited(at: now).compactMap { stops[$0]?.attempts }.max() ?? 0
  }

  /// A message that says what is waited for.
  /// - Parameters:
  ///   - shards: the awaited shards, at least one.
  ///   - attempts: how often they have stopped, 1 or 2.
  ///   - reason: why the first of them stopped.
  static func note(shards: [Int], attempts: Int, reason: String) -> String {
    let first = shards.first ?? 0
    let subject =
      shards.count == 1
      ? "shard \(first) stopped: " : "\(shards.count.grouped) shards stopped; shard \(first): "
    let wait =
      attempts == 1
      ? "Lambda invokes the \(shards.count == 1 ? "worker" : "workers") again after 1 minute, and after 2 more"
      : "Lambda makes the last attempt after 2 minutes"
    return "\(subject)\(reason)\n\(wait) (a local cloud sooner). Waiting for that."
  }
}
