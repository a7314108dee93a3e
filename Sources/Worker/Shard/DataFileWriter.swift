import Shared

/// Writes a shard's data files with conditional PUTs, so that a worker that has lost its lease, or whose run was
/// replaced, cannot overwrite what its successor wrote.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one event loop, which all run on its thread.
final class DataFileWriter: @unchecked Sendable {
  /// Attempts to write a file that other workers write at the same time.
  private static let attemptsMax = 8

  private let plan: ShardPlan
  private let objects: any ObjectStore
  private let lease: ShardLease
  private let folder: FolderGuard
  /// New objects whose PUT was sent, while it is not known that the run still owned the folder when it arrived.
  private var unconfirmed: Set<ObjectAddress> = []

  init(plan: ShardPlan, objects: any ObjectStore, lease: ShardLease) {
    self.plan = plan
    self.objects = objects
    self.lease = lease
    folder = FolderGuard(plan: plan, objects: objects)
  }

  /// Writes a file.
  /// - Parameter etag: of the object as the checkpoint found it; nil if there was none.
  /// - Throws: `RunReplaced`, `RunCancelled`, `LeaseLost`, `AWSServiceError`, `HTTPError`.
  func write(
    _ data: DataFile, _ metadata: DataFileMetadata, to object: ObjectAddress, replacing etag: String?
  ) async throws {
    var condition: S3Client.Condition = etag.map { .isUnchanged(etag: $0) } ?? .isNew
    for _ in 0..<Self.attemptsMax {
      try await folder.requireActive()
      try lease.requireHeld()
      if condition == .isNew { unconfirmed.insert(object) }
      let written = try await objects.put(
        object, data.body, sha256: data.sha256, contentType: plan.encoding.contentType,
        metadata: metadata.fields,
        condition: condition)
      if let written { return try await confirm(object, etag: written) }
      unconfirmed.remove(object)
      // Something changed the object after it was last seen: an earlier attempt of this PUT whose response was lost, a
      // late write by a worker that had the shard before, or one by a worker of a run that was replaced.
      let found = try await objects.head(object)
      if let found, DataFileMetadata({ found.metadata[$0] }) == metadata { return }
      try await lease.confirm()
      condition = found.map { .isUnchanged(etag: $0.etag) } ?? .isNew
    }
    throw DataFileContested(object: object)
  }

  /// If another run has taken the folder, deletes the new objects that may have arrived after that. To be called when the
  /// session has ended with an error, whichever it is: after a suspension, the lost lease may be noticed first.
  func deleteUnconfirmedIfReplaced() async {
    guard !unconfirmed.isEmpty else { return }
    do { return try await folder.requireOwned() } catch is RunReplaced {} catch { return }
    for object in unconfirmed {
      guard let found = try? await objects.head(object),
        DataFileMetadata({ found.metadata[$0] })?.run == plan.run
      else { continue }
      _ = try? await objects.delete(object, ifUnchanged: found.etag)
    }
    unconfirmed = []
  }

  /// The worker may have been suspended between its last check and the PUT. A file that is new in the folder might then
  /// appear after the other run was finished, and no condition of the PUT prevents that: so the check is repeated.
  private func confirm(_ object: ObjectAddress, etag: String) async throws {
    guard unconfirmed.contains(object) else { return }
    try await folder.requireOwned()
    unconfirmed.remove(object)
  }
}

/// Other workers changed a data file at every attempt to write it.
struct DataFileContested: TypedError, Equatable {
  let object: ObjectAddress

  var errorType: String { "DataFileContested" }

  var description: String {
    "\(object) was changed by other workers at every attempt to write it. Invoke the shard again: that fetches what is "
      + "missing."
  }
}
