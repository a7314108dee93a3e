import Synchronization

@testable import Shared

/// An object store in memory.
final class MemoryStore: ObjectStore {
  private struct State {
    var objects: [String: [UInt8]] = [:]
    var reads: [String] = []
    var copies: [String: String] = [:]
  }

  private let state = Mutex(State())
  /// Objects that are made when they are read, so that they take no memory.
  private let virtual: @Sendable (String) -> [UInt8]?

  init(virtual: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }) { self.virtual = virtual }

  var objects: [String: [UInt8]] { state.withLock { $0.objects } }
  /// Keys in the order in which they were read.
  var reads: [String] { state.withLock { $0.reads } }
  /// Sources of the copies, by target.
  var copies: [String: String] { state.withLock { $0.copies } }

  subscript(key: String) -> [UInt8]? {
    get { state.withLock { $0.objects[key] } }
    set { state.withLock { $0.objects[key] = newValue } }
  }

  func read(_ object: ObjectAddress) async throws -> (bytes: [UInt8], etag: String)? {
    if let bytes = virtual(object.key) { return (bytes, "\"1\"") }
    return state.withLock { state in
      state.reads.append(object.key)
      return state.objects[object.key].map { ($0, "\"1\"") }
    }
  }

  func head(_ object: ObjectAddress) async throws -> S3Client.ObjectInfo? {
    self[object.key].map { S3Client.ObjectInfo(bytes: $0.count, etag: "\"1\"", metadata: [:]) }
  }

  func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    metadata: [(name: String, value: String)], condition: S3Client.Condition
  ) async throws -> String? {
    state.withLock { state in
      if condition == .isNew, state.objects[object.key] != nil { return nil }
      state.objects[object.key] = body.pieces.flatMap { $0 }
      return "\"1\""
    }
  }

  func copy(_ source: ObjectAddress, to target: ObjectAddress) async throws -> Bool {
    state.withLock { state in
      guard let bytes = state.objects[source.key] else { return false }
      state.objects[target.key] = bytes
      state.copies[target.key] = source.key
      return true
    }
  }

  func delete(_ object: ObjectAddress, ifUnchanged etag: String?) async throws -> Bool {
    self[object.key] = nil
    return true
  }

  func list(bucket: String, prefix: String) async throws -> [S3Client.Listed] {
    objects.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }.map {
      S3Client.Listed(key: $0.key, bytes: $0.value.count, etag: "\"1\"", modifiedAt: UnixTime(seconds: 0))
    }
  }
}
