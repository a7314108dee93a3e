import Shared

/// Tells whether a run may still write to the day's folder.
struct FolderGuard: Sendable {
  /// The plan of any shard of the run.
  let plan: ShardPlan
  let objects: any ObjectStore

  /// Attempts to resume the run while other workers do so too.
  private static let attemptsMax = 5

  /// To be called before a shard's objects are written.
  /// - Throws: `RunReplaced` if another run has taken the folder; `RunCancelled`.
  func requireActive() async throws {
    let interruption = RunInterruption(of: plan.run, try await owner())
    if let interruption { throw interruption.error(run: plan.run, folder: folder) }
  }

  /// To be called before anything is changed on behalf of the whole run.
  /// - Throws: `RunReplaced` if another run has taken the folder.
  func requireOwned() async throws {
    let interruption = RunInterruption(of: plan.run, try await owner())
    guard let interruption, case .replaced = interruption else { return }
    throw interruption.error(run: plan.run, folder: folder)
  }

  /// Resumes the run if it was cancelled at that time. Does nothing if it was cancelled at another time: the event that
  /// asks for it is then a late retry.
  func resume(cancelledAt time: String) async throws {
    for _ in 0..<Self.attemptsMax {
      guard let stored = try await objects.read(object) else { return }
      var owner = try JSONText.decode(FolderOwner.self, from: stored.bytes)
      guard owner.run == plan.run, owner.cancelledAt == time else { return }
      owner.cancelledAt = nil
      if try await objects.putJSON(object, owner, condition: .isUnchanged(etag: stored.etag)) != nil {
        return
      }
    }
  }

  /// Nil for a folder without an owner. It belongs to every run that writes to it: such as one whose plan was sent to a
  /// worker without a dispatcher.
  func owner() async throws -> FolderOwner? {
    try await objects.get(object).map { try JSONText.decode(FolderOwner.self, from: $0) }
  }

  private var object: ObjectAddress {
    ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.folderOwner)
  }

  private var folder: ObjectAddress {
    ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.dataFolder)
  }
}
