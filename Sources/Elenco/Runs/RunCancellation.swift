import Shared

/// Cancels a run: marks it in the day's folder owner, waits for its workers, and has a worker write the manifest.
struct RunCancellation {
  private static let pollInterval: Duration = .seconds(1)
  /// Attempts to mark the run while something else changes the folder's owner.
  private static let attemptsMax = 5

  let reader: RunReader
  let lambda: LambdaClient
  /// Name or ARN of the worker function.
  let worker: String
  let terms: LeaseTerms
  let loop: EventLoop

  /// That a run is cancelled.
  struct Mark {
    /// When it was cancelled, as in `FolderOwner`. A run that is resumed and cancelled again has another time.
    let time: String
    /// The plan of any shard.
    let plan: ShardPlan
  }

  /// Marks the run as cancelled. A run that is marked already stays as it is.
  /// - Throws: `NothingToCancel`; `NoSuchRun`; `FolderOwnerContested`.
  func mark() async throws -> Mark {
    let status = try await reader.status(terms: terms)
    if status.listing.isFinished, try await reader.activeShards(status.plan, terms: terms).isEmpty {
      throw NothingToCancel(run: reader.run, reason: "it has ended")
    }
    let object = ObjectAddress(bucket: reader.destination.bucket, key: status.plan.layout.folderOwner)
    for _ in 0..<Self.attemptsMax {
      let stored = try await reader.s3.read(object)
      var owner =
        try stored.map { try JSONText.decode(FolderOwner.self, from: $0.bytes) }
        // A run whose plans were sent to the workers without a dispatcher.
        ?? FolderOwner(run: reader.run, selection: nil)
      guard owner.run == reader.run else {
        throw NothingToCancel(run: reader.run, reason: "it was replaced by run \(owner.run)")
      }
      if let time = owner.cancelledAt { return Mark(time: time, plan: status.plan) }
      let time = UnixTime.now().iso8601
      owner.cancelledAt = time
      let condition: S3Client.Condition = stored.map { .isUnchanged(etag: $0.etag) } ?? .isNew
      if try await reader.s3.putJSON(object, owner, condition: condition) != nil {
        return Mark(time: time, plan: status.plan)
      }
    }
    throw FolderOwnerContested(object: object)
  }

  /// Waits until no worker has a shard. A worker that died counts until its lease expires.
  /// - Throws: `WorkersStillActive` after three lease terms; `CancellationEnded`.
  func waitForWorkers(_ mark: Mark) async throws {
    let end = ContinuousClock.now + terms.term * 3
    var announced = 0
    while true {
      let active = try await reader.activeShards(mark.plan, terms: terms)
      let interruption = try await reader.interruption(mark.plan.layout)
      guard interruption == .cancelled(at: mark.time) else {
        throw CancellationEnded(run: reader.run, interruption: interruption)
      }
      guard !active.isEmpty else { return }
      guard ContinuousClock.now < end else {
        throw WorkersStillActive(run: reader.run, shards: active, waited: terms.term * 3)
      }
      if active.count != announced {
        Terminal.note(
          "run \(reader.run) is cancelled; waiting for \(counted(active.count, "worker")) to stop")
      }
      announced = active.count
      try await loop.sleep(for: Self.pollInterval)
    }
  }

  /// Invokes a worker, which finds the run cancelled and writes the manifest, unless the last worker to stop has done so.
  func writeManifest() async throws {
    guard try await reader.manifest()?.cancelledAt == nil else { return }
    struct Event: Encodable {
      let run: RunName
      let shard: Int
      let destination: Destination
    }
    let event = Event(run: reader.run, shard: 0, destination: reader.destination)
    let response = try await lambda.invoke(worker, event: JSONText.encode(event))
    guard response.functionError == nil else { throw FunctionError("the worker", payload: response.payload) }
  }
}

/// The run's workers have stopped already.
struct NothingToCancel: Error, CustomStringConvertible {
  let run: RunName
  let reason: String

  var description: String {
    "run \(run) cannot be cancelled, because \(reason). To see its state, run: elenco status \(run)"
  }
}

/// The run was resumed or replaced while its workers were stopping.
struct CancellationEnded: Error, CustomStringConvertible {
  let run: RunName
  /// What the folder's owner says now.
  let interruption: RunInterruption?

  var description: String {
    let event =
      switch interruption {
      case .replaced(let other): "replaced by run \(other)"
      case .cancelled: "resumed and cancelled again"
      case nil: "resumed"
      }
    return
      "run \(run) was cancelled, but has been \(event) since. To see its state, run: elenco status \(run)"
  }
}

/// Something else changed the folder's owner at every attempt to mark the run as cancelled.
struct FolderOwnerContested: Error, CustomStringConvertible {
  let object: ObjectAddress

  var description: String {
    "\(object) was changed at every attempt to cancel the run. Run the command again."
  }
}

/// Workers went on although the run was cancelled.
struct WorkersStillActive: Error, CustomStringConvertible {
  let run: RunName
  let shards: [Int]
  let waited: Duration

  var description: String {
    "run \(run) is marked as cancelled, but after \(Int(waited.inSeconds)) s "
      + "\(counted(shards.count, "worker")) still had a shard, the first shard \(shards.first ?? 0). Check that "
      + "--lease-seconds is the stack's LeaseSeconds and that the worker's version can cancel runs, then run the "
      + "command again."
  }
}
