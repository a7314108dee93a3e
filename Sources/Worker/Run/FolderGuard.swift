import Shared

/// Tells whether the day's folder still belongs to a run.
struct FolderGuard: Sendable {
  /// The plan of any shard of the run.
  let plan: ShardPlan
  let objects: any ObjectStore

  /// To be called before anything is written to the folder.
  /// - Throws: `RunReplaced` if another run has taken the folder.
  func requireOwned() async throws {
    guard let owner = try await owner(), owner.run != plan.run else { return }
    throw RunReplaced(run: plan.run, owner: owner.run, folder: folder)
  }

  /// Nil for a folder without an owner. It belongs to every run that writes to it: such as one whose plan was sent to a
  /// worker without a dispatcher.
  func owner() async throws -> FolderOwner? {
    let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.folderOwner)
    return try await objects.get(object).map { try JSONText.decode(FolderOwner.self, from: $0) }
  }

  private var folder: ObjectAddress {
    ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.dataFolder)
  }
}
