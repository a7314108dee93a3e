/// An object store with the guarantees that a run needs of S3: conditional writes, and reads and listings that show
/// every earlier write.
package protocol ObjectStore: Sendable {
  /// Reads a whole object, with its ETag for a conditional PUT. Nil if it does not exist.
  func read(_ object: ObjectAddress) async throws -> (bytes: [UInt8], etag: String)?

  /// Reads an object's size, ETag and metadata. Nil if it does not exist.
  func head(_ object: ObjectAddress) async throws -> S3Client.ObjectInfo?

  /// Writes an object.
  /// - Parameters:
  ///   - sha256: the body's SHA-256 in lowercase hexadecimal. S3 refuses a body that does not match it.
  ///   - metadata: names without `x-amz-meta-`, 2 KB at most in all.
  /// - Returns: the new object's ETag; nil if `condition` is not met, in which case nothing is written.
  func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    metadata: [(name: String, value: String)], condition: S3Client.Condition
  ) async throws -> String?

  /// Copies an object with its metadata, within the store.
  /// - Returns: false if the source does not exist.
  func copy(_ source: ObjectAddress, to target: ObjectAddress) async throws -> Bool

  /// Deletes an object. It is not an error if the object does not exist.
  /// - Parameter etag: deletes the object only if it still has this ETag
  ///   (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html); nil in any case.
  /// - Returns: false if the object has another ETag, and was not deleted.
  @discardableResult
  func delete(_ object: ObjectAddress, ifUnchanged etag: String?) async throws -> Bool

  /// Lists every object whose key starts with `prefix`, in the order of the keys.
  func list(bucket: String, prefix: String) async throws -> [S3Client.Listed]
}

extension ObjectStore {
  /// Reads a whole object. Nil if it does not exist.
  package func get(_ object: ObjectAddress) async throws -> [UInt8]? { try await read(object)?.bytes }

  /// Deletes an object, whatever its ETag. See the protocol's `delete`.
  package func delete(_ object: ObjectAddress) async throws { try await delete(object, ifUnchanged: nil) }

  /// Writes an object without metadata. See the protocol's `put`.
  @discardableResult
  package func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    condition: S3Client.Condition = .none
  ) async throws -> String? {
    try await put(
      object, body, sha256: sha256, contentType: contentType, metadata: [], condition: condition)
  }

  /// Encodes a value as JSON and writes it as an object. See the protocol's `put`.
  @discardableResult
  package func putJSON(
    _ object: ObjectAddress, _ value: some Encodable & Sendable, condition: S3Client.Condition = .none
  ) async throws -> String? {
    let bytes = try JSONText.encode(value)
    return try await put(
      object, HTTPBody(bytes), sha256: SHA256.hex(of: bytes), contentType: "application/json",
      condition: condition)
  }
}
