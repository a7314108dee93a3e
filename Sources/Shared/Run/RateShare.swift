/// A worker's part of the run's requests per second.
package struct RateShare: Equatable, Sendable {
  /// Requests a second that the worker starts with; nil is no ceiling.
  package let start: Double?
  /// The most it may grow to; nil is no ceiling.
  package let ceiling: Double?
  /// Where in its first interval the worker begins, 0..<1, so that many workers do not pulse together.
  package let phase: Double
  /// Requests a second that each of the run's workers is meant to have, whatever an earlier one came to; nil is no
  /// ceiling.
  let evenShare: Double?
  /// Whether `start` is what the server was found to allow.
  package let isLearned: Bool
}

extension RateShare {
  /// - Parameter learned: the rate that an earlier hop or run of the shard came to.
  package init(plan: ShardPlan, learned: Double? = nil) {
    phase = Double(plan.shard) / Double(max(1, plan.shards))
    guard plan.requestsPerSecond > 0 else {
      (start, ceiling, evenShare, isLearned) = (learned, nil, nil, learned != nil)
      return
    }
    let share = plan.requestsPerSecond / Double(max(1, plan.workers))
    let first = plan.rateScope == .worker ? plan.requestsPerSecond : share
    let most = plan.rateScope == .run ? share : plan.requestsPerSecond
    ceiling = most
    evenShare = first
    start = min(learned ?? first, most)
    isLearned = learned.map { $0 < most } ?? false
  }
}
