import Shared

/// A run's `_SUCCESS` in the day's folder, an empty object whose metadata names the run. The folder's next run writes an
/// object of the same key and content, so a run deletes only what it wrote itself.
struct SuccessMarker: Sendable {
  private static let runField = "elenco-run"

  /// The plan of any shard of the run.
  let plan: ShardPlan
  let objects: any ObjectStore

  /// Writes the object if there is none.
  func write() async throws {
    _ = try await objects.put(
      object, .empty, sha256: SHA256.hex(of: []), contentType: "text/plain",
      metadata: [(Self.runField, "\(plan.run)")], condition: .isNew)
  }

  /// Deletes the object if this run wrote it.
  /// - Parameter ownsFolder: whether an object without metadata, as version 0.1.0 wrote it, is this run's.
  func delete(ownsFolder: Bool) async throws {
    guard let found = try await objects.head(object) else { return }
    let isOwn = found.metadata[Self.runField].map { $0 == "\(plan.run)" } ?? ownsFolder
    if isOwn { try await objects.delete(object) }
  }

  private var object: ObjectAddress {
    ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.success)
  }
}
