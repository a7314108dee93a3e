import Shared

/// Reads the data files of a run's base from which a shard's films are kept.
///
/// The last files stay in memory, because consecutive files of a shard usually need the same ones: at most `filesMax`
/// with together `bytesMax` bytes, or a single larger one.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one event loop, which all run on its thread.
final class BaseFiles: @unchecked Sendable {
  /// A file of the base as it was stored, and its content.
  struct File {
    /// Index in the plan's base.
    let index: Int
    let stored: [UInt8]
    let content: DataFileContent
    private let positions: [String: Int]

    init(index: Int, stored: [UInt8], content: DataFileContent) {
      self.index = index
      self.stored = stored
      self.content = content
      positions = Dictionary(content.films.enumerated().map { ($1.id, $0) }) { first, _ in first }
    }

    /// A film's response; nil if the file does not have the film.
    func response(of id: String) -> [UInt8]? {
      positions[id].map { content.response(of: content.films[$0]) }
    }

    var bytes: Int { stored.count + content.count }
  }

  static let filesMax = 4
  static let bytesMax = 8 << 20

  let base: ShardBase
  private let bucket: String
  private let objects: any ObjectStore
  private let log: Log
  /// The least recently used first.
  private(set) var recent: [File] = []
  /// Files that are gone or not as the base's manifest describes them. They are not read again.
  private var unusable: Set<Int> = []

  init(base: ShardBase, bucket: String, objects: any ObjectStore, log: Log) {
    self.base = base
    self.bucket = bucket
    self.objects = objects
    self.log = log
  }

  /// Reads a file unless it is in memory.
  /// - Parameter index: in the plan's base.
  /// - Returns: nil if the file is gone, cannot be read, or has changed. Its films then have to be fetched.
  /// - Throws: `AWSServiceError` or `HTTPError` if S3 is unavailable.
  func file(_ index: Int) async throws -> File? {
    if let position = recent.firstIndex(where: { $0.index == index }) {
      recent.append(recent.remove(at: position))
      return recent.last
    }
    guard !unusable.contains(index) else { return nil }
    do {
      let file = try await read(index)
      recent.append(file)
      while recent.count > Self.filesMax
        || (recent.count > 1 && recent.reduce(0) { $0 + $1.bytes } > Self.bytesMax)
      {
        recent.removeFirst()
      }
      return file
    } catch let error as DataFileError {
      refuse(index, because: error.reason)
    } catch let error as AWSServiceError where !error.isTransient {
      refuse(index, because: "it cannot be read: \(error)")
    } catch let error as HTTPError where !error.isTransient && error.reason != .cancelled {
      refuse(index, because: "it cannot be read: \(error)")
    }
    return nil
  }

  private func read(_ index: Int) async throws -> File {
    guard let stored = try await objects.get(address(index)) else { throw DataFileError("it does not exist") }
    guard SHA256.hex(of: stored) == base.files[index].sha256 else {
      throw DataFileError("it has changed since run \(base.run) wrote it")
    }
    return File(index: index, stored: stored, content: try DataFileContent(stored, base.encoding))
  }

  private func refuse(_ index: Int, because reason: String) {
    unusable.insert(index)
    log.warn(
      "\(address(index)) cannot be used as the base of this run: \(reason). Its films are fetched from TMDB.",
      ["base": .string("\(base.run)")])
  }

  private func address(_ index: Int) -> ObjectAddress {
    ObjectAddress(bucket: bucket, key: base.files[index].key)
  }
}
