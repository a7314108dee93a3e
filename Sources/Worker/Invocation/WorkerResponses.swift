import Shared

/// A worker's response when another worker is working on its shard.
struct LeaseHeldResponse: Encodable, Equatable {
  let run: RunName
  let shard: Int
  let state: String
  let holder: String
  let until: String
  let message: String

  init(plan: ShardPlan, lease: Lease) {
    run = plan.run
    shard = plan.shard
    state = "held"
    holder = lease.holder
    until = lease.until
    message =
      "Invocation \(lease.holder) is working on shard \(plan.shard) of run \(plan.run); its lease runs until "
      + "\(lease.until) and is being renewed. This invocation did nothing."
  }
}

/// A worker's response when another run has taken the folder of its run.
struct RunReplacedResponse: Encodable, Equatable {
  let run: RunName
  let shard: Int
  let state: String
  let replacedBy: RunName
  let message: String

  init(_ error: RunReplaced, shard: Int) {
    run = error.run
    self.shard = shard
    state = "replaced"
    replacedBy = error.owner
    message = error.description
  }
}

/// A worker's response when its run was cancelled.
struct RunCancelledResponse: Encodable, Equatable {
  let run: RunName
  let shard: Int
  let state: String
  let cancelledAt: String
  let message: String

  init(_ error: RunCancelled, shard: Int) {
    run = error.run
    self.shard = shard
    state = "cancelled"
    cancelledAt = error.at
    message = error.description
  }
}
