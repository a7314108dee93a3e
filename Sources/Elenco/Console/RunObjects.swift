import Shared

/// An object store whose folders can be listed.
protocol RunObjects: ObjectStore {
  /// Lists the folders directly below `prefix`: the beginnings of all keys up to the next slash, which is included.
  func folders(bucket: String, prefix: String) async throws -> [String]
}

extension S3Client: RunObjects {}
