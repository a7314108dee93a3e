@testable import Shared

/// A simulated store where something happens right before or after each PUT of one object.
struct StoreWithEvent: ObjectStore {
  let base: SimulatedStoreClient
  let key: String
  let isBeforePut: Bool
  let event: @Sendable () throws -> Void

  func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    metadata: [(name: String, value: String)], condition: S3Client.Condition
  ) async throws -> String? {
    if object.key == key, isBeforePut { try event() }
    let etag = try await base.put(
      object, body, sha256: sha256, contentType: contentType, metadata: metadata, condition: condition)
    if object.key == key, !isBeforePut { try event() }
    return etag
  }

  func read(_ object: ObjectAddress) async throws -> (bytes: [UInt8], etag: String)? {
    try await base.read(object)
  }

  func head(_ object: ObjectAddress) async throws -> S3Client.ObjectInfo? { try await base.head(object) }

  func copy(_ source: ObjectAddress, to target: ObjectAddress) async throws -> Bool {
    try await base.copy(source, to: target)
  }

  func delete(_ object: ObjectAddress, ifUnchanged etag: String?) async throws -> Bool {
    try await base.delete(object, ifUnchanged: etag)
  }

  func list(bucket: String, prefix: String) async throws -> [S3Client.Listed] {
    try await base.list(bucket: bucket, prefix: prefix)
  }
}
