import Shared

/// What an invocation does once its own shard is done: it finishes the run if that was the last shard, and otherwise
/// works on shards that no worker holds.
extension WorkerInvocation {
  /// Finishes the run when every shard has a report. Until then takes unclaimed shards, one after the other, while there
  /// is time, and invokes another worker for the next one when there is not.
  /// - Parameter wasAlreadyDone: whether the event's own shard needed no work. This invocation may then be a retry of one
  ///   that died while it worked on another shard.
  func workOnOtherShards(after request: SessionRequest, wasAlreadyDone: Bool) async throws {
    let plan = request.plan
    let completion = RunCompletion(plan: plan, dependencies: dependencies, log: log)
    var earlierAttemptMayHaveDied = wasAlreadyDone
    while true {
      let listing = try await completion.readListing()
      if let manifest = try await completion.finishIfOver(listing) {
        return log.info("run \(manifest.isComplete ? "complete" : "incomplete")", manifest.logFields)
      }
      guard request.takesOtherShards else { return }
      // Without this limit, a duplicate event would add a worker beyond those that share the rate. A shard that counts
      // as leased may belong to a dead earlier attempt of this invocation; `shardsOfEarlierAttempts` finds those.
      let hasRoom = listing.leased.subtracting(listing.reported).count < plan.workers
      // Workers that look at the same time start at different shards, so that they do not all contend for one.
      let free = hasRoom ? listing.free(from: Int(dependencies.randomness.nonce())) : []
      let abandoned = earlierAttemptMayHaveDied ? try await shardsOfEarlierAttempts(listing, plan) : []
      guard try await workOnOne(of: free, orAbandoned: abandoned, plan) else { return }
      earlierAttemptMayHaveDied = false
    }
  }

  /// Shards whose lease an earlier attempt of this invocation holds, or has reserved for a next hop. That attempt is
  /// dead, or this invocation is its duplicate.
  private func shardsOfEarlierAttempts(_ listing: RunListing, _ plan: ShardPlan) async throws -> [Int] {
    var shards: [Int] = []
    for shard in listing.leased.subtracting(listing.reported).sorted() {
      let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.lease(shard: shard))
      guard let bytes = try await dependencies.objects.get(object),
        let lease = try? JSONText.decode(Lease.self, from: bytes),
        ["/", "+"].contains(where: { lease.holder.hasPrefix(invocation.requestID + $0) })
      else { continue }
      shards.append(shard)
    }
    return shards
  }

  /// Works on the first of the shards whose lease it gets. An error that concerns one shard alone does not stop the
  /// others: that shard's report gives the reason.
  /// - Parameter abandoned: shards of earlier attempts. Their leases may have to expire first, so these are waited for.
  /// - Returns: whether a shard was finished, so that it is worth looking for another.
  /// - Throws: errors that affect every shard; and when no shard could be taken, the error that stopped the last one.
  ///   Lambda then retries the invocation, which looks for unclaimed shards once more.
  private func workOnOne(of free: [Int], orAbandoned abandoned: [Int], _ own: ShardPlan) async throws -> Bool
  {
    let shards = free + abandoned
    if !shards.isEmpty, timeBudget.hasTime(at: dependencies.clock.now) { try await fetchers.openTMDB() }
    var lastError: (any Error)?
    for shard in shards {
      guard timeBudget.hasTime(at: dependencies.clock.now) else {
        try await dependencies.invoke(FollowUpEvent(plan: own, shard: shard, helps: true), invocation)
        return false
      }
      do {
        let plan = try await PlanStore(objects: dependencies.objects).plan(
          run: own.run, shard: shard, destination: own.destination)
        let outcome = try await runSession(
          SessionRequest(unclaimed: plan), waitsForHolder: abandoned.contains(shard))
        switch outcome {
        case .done, .alreadyDone: return true
        case .handedOver: return false
        case .held: continue
        }
      } catch let error
        where !(error is CancellationError || error.endsInvocation || error.affectsEveryShard)
      {
        log.error(
          "unclaimed shard \(shard) stopped: \(error)",
          ["run": .string("\(own.run)"), "shard": .integer(shard)])
        lastError = error
      }
    }
    if let lastError { throw lastError }
    return false
  }
}

extension Error {
  /// Whether the cause lies with TMDB, AWS or the network: it would stop any shard, and may pass.
  var affectsEveryShard: Bool {
    switch self {
    case is TMDBFailure, is TokenMissing: true
    case let error as AWSServiceError: error.isTransient
    case let error as HTTPError: error.isTransient
    default: false
    }
  }
}
