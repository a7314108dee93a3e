import Shared

/// A request to work on one shard, from the invocation's event or for a shard that the invocation found unclaimed.
struct SessionRequest: Sendable {
  let plan: ShardPlan
  /// The token for which the previous hop reserved the lease; nil except for a continuation.
  let handOverToken: String?
  /// Number of invocations of this shard's chain before this one.
  let hop: Int
  /// Identifies a `"replay": "all"` across its hops; nil for all other work.
  let generation: String?
  /// Whether the invocation continues with other shards of the run afterwards: the event's `helps`.
  let takesOtherShards: Bool
  /// Whether the invocation found the shard unclaimed. Any existing report then means that there is nothing left to do.
  let isUnclaimed: Bool

  /// The shard that the event names.
  init(_ event: WorkerEvent, _ plan: ShardPlan, requestID: String) {
    self.plan = plan
    handOverToken = event.lease
    hop = event.hop
    generation = event.replay == .all ? event.generation ?? requestID : nil
    takesOtherShards = event.helps
    isUnclaimed = false
  }

  /// A shard that no worker holds.
  init(unclaimed plan: ShardPlan) {
    self.plan = plan
    (handOverToken, hop, generation, takesOtherShards, isUnclaimed) = (nil, 0, nil, true, true)
  }
}

/// How an invocation's session with a shard ended.
enum SessionOutcome: Sendable {
  /// This session finished the shard.
  case done(ShardReport)
  /// The shard was already finished.
  case alreadyDone(ShardReport)
  /// The next hop continues the shard.
  case handedOver(ShardReport)
  /// Another worker holds the shard. `isAlive` tells whether it renewed its lease while this one watched.
  case held(Lease, isAlive: Bool)
}
