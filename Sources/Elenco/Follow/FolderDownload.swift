import Glibc
import Shared

/// Downloads all objects below a destination prefix into a local folder, under their keys.
struct FolderDownload {
  /// Maximum number of concurrent downloads.
  private static let copiesMax = 8

  let s3: S3Client
  let folder: String

  /// Downloads all objects below a prefix.
  /// - Returns: the number of downloaded objects.
  /// - Throws: `CopyError` if a file cannot be written, or if a key would lead outside the folder.
  func copy(bucket: String, prefix: String) async throws -> Int {
    let objects = try await s3.list(bucket: bucket, prefix: prefix.isEmpty ? "" : prefix + "/")
    _ = try await BoundedFanOut.map(objects, limit: Self.copiesMax) { object in
      try await copy(ObjectAddress(bucket: bucket, key: object.key))
    }
    return objects.count
  }

  private func copy(_ object: ObjectAddress) async throws {
    let parts = object.key.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !["", ".", ".."].contains($0) }) else {
      throw CopyError("\(object) was not copied: its key is not a valid path below \(folder).")
    }
    let path = folder + "/" + object.key
    try OutputFile.makeFolders(path)
    // Write to a temporary file and rename it, so that the final path never contains a partial object.
    let partial = path + ".partial"
    let file = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw CopyError(path: partial) }
    defer { close(file) }
    _ = try await s3.stream(object) { bytes in
      var remaining = bytes
      while !remaining.isEmpty {
        let count = write(file, remaining.baseAddress, remaining.count)
        guard count > 0 else { throw CopyError(path: partial) }
        remaining = UnsafeRawBufferPointer(rebasing: remaining[count...])
      }
    }
    guard rename(partial, path) == 0 else { throw CopyError(path: path) }
  }
}

/// A file that could not be written.
struct CopyError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// A file system error at a path, with the reason from `errno`.
  init(path: String) { description = "cannot write \(path): \(String(cString: strerror(errno)))." }
}
