/// Objects under keys, with what a run needs of S3: conditional writes, and reads and listings that show them at once.
package protocol ObjectStore: Sendable {
  /// Reads an object whole, with the ETag that a conditional PUT takes; nil when there is none.
  func read(_ object: ObjectAddress) async throws -> (bytes: [UInt8], etag: String)?

  /// An object's size and metadata; nil when there is none.
  func head(_ object: ObjectAddress) async throws -> S3Client.ObjectInfo?

  /// Writes an object.
  /// - Parameters:
  ///   - sha256: of the body, lowercase hexadecimal; S3 refuses a body that arrives changed.
  ///   - metadata: names without `x-amz-meta-`; 2 KB in all.
  /// - Returns: the object's ETag; nil when `condition` does not hold.
  func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    metadata: [(name: String, value: String)], condition: S3Client.Condition
  ) async throws -> String?

  /// Takes an object away; one that is not there is no error.
  func delete(_ object: ObjectAddress) async throws

  /// Every object whose key begins with `prefix`, in the order of their keys.
  func list(bucket: String, prefix: String) async throws -> [S3Client.Listed]
}

extension ObjectStore {
  /// Reads an object whole; nil when there is none.
  package func get(_ object: ObjectAddress) async throws -> [UInt8]? { try await read(object)?.bytes }

  /// Writes an object without metadata. See above.
  @discardableResult
  package func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    condition: S3Client.Condition = .none
  ) async throws -> String? {
    try await put(
      object, body, sha256: sha256, contentType: contentType, metadata: [], condition: condition)
  }

  /// Writes a small JSON object. See `put`.
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
