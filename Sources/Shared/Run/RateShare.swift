/// A worker's share of the run's requests per second.
package struct RateShare: Equatable, Sendable {
  /// The initial rate in requests per second; nil means no ceiling.
  package let start: Double?
  /// The highest rate that the worker can grow to; nil means no ceiling.
  package let ceiling: Double?
  /// The point in its first interval at which the worker starts, in 0..<1. It keeps workers from sending in step.
  package let phase: Double
  /// The rate that the plan gives to each worker, regardless of any learned rate; nil means no ceiling.
  let evenShare: Double?
  /// Whether `start` is a rate that an earlier worker learned, that is, found the server to allow.
  package let isLearned: Bool
}

extension RateShare {
  /// - Parameter learned: the rate that an earlier hop or replay of the shard reached.
  package init(plan: ShardPlan, learned: Double? = nil) {
    phase = Double(plan.shard) / Double(max(1, plan.shards))
    guard plan.requestsPerSecond > 0 else {
      (start, ceiling, evenShare, isLearned) = (learned, nil, nil, learned != nil)
      return
    }
    let share = plan.requestsPerSecond / Double(max(1, plan.workers))
    let initial = plan.rateScope == .worker ? plan.requestsPerSecond : share
    let maximum = plan.rateScope == .run ? share : plan.requestsPerSecond
    ceiling = maximum
    evenShare = initial
    start = min(learned ?? initial, maximum)
    isLearned = learned.map { $0 < maximum } ?? false
  }
}
