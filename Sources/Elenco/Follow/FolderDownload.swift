import Glibc
import Shared

/// Copies a destination's objects into a folder, under their keys.
struct FolderDownload {
  /// Objects on their way at once.
  private static let copiesMax = 8

  let s3: S3Client
  let folder: String

  /// - Returns: how many objects were copied.
  /// - Throws: `CopyError` for a file that cannot be written, and for a key that would leave the folder.
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
      throw CopyError("\(object) has a key that is no path below \(folder).")
    }
    let path = folder + "/" + object.key
    try Self.makeFolders(path)
    // Written beside its place and renamed, so that what stands there is always whole.
    let partial = path + ".partial"
    let file = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw CopyError(path: partial) }
    defer { close(file) }
    _ = try await s3.stream(object) { bytes in
      var rest = bytes
      while !rest.isEmpty {
        let count = write(file, rest.baseAddress, rest.count)
        guard count > 0 else { throw CopyError(path: partial) }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
    guard rename(partial, path) == 0 else { throw CopyError(path: path) }
  }

  private static func makeFolders(_ path: String) throws {
    var end = path.startIndex
    while let slash = path[end...].dropFirst().firstIndex(of: "/") {
      let folder = String(path[..<slash])
      guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw CopyError(path: folder) }
      end = slash
    }
  }
}

/// A copy that could not be written.
struct CopyError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// Takes the reason from `errno`.
  init(path: String) { description = "\(path) could not be written: \(String(cString: strerror(errno)))." }
}
