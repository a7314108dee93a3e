import Synchronization

@testable import Elenco
@testable import Shared

/// S3 in memory. Records every request.
final class CountingStore: RunObjects {
  struct Unsupported: Error {}

  private struct Object {
    let bytes: [UInt8]
    let etag: String
    let modifiedAt: UnixTime
  }

  typealias Action = @Sendable () async throws -> Void

  private let state = Mutex((objects: [String: Object](), requests: [String](), writes: 0))
  private let actions = Mutex([String: Action]())

  /// The requests since the last call: `LIST prefix`, `GET key`, `HEAD key`, `PUT key`.
  func takeRequests() -> [String] {
    state.withLock { state in
      defer { state.requests = [] }
      return state.requests
    }
  }

  /// Writes an object without a request. It stays recent, however slow the test is.
  func write(_ key: String, _ bytes: [UInt8], at time: UnixTime = .now() + .seconds(3600)) {
    state.withLock { state in
      state.writes += 1
      state.objects[key] = Object(bytes: bytes, etag: "\"\(state.writes)\"", modifiedAt: time)
    }
  }

  /// Deletes an object without a request.
  func remove(_ key: String) { state.withLock { $0.objects[key] = nil } }

  func bytes(_ key: String) -> [UInt8]? { state.withLock { $0.objects[key]?.bytes } }

  /// Lets something happen while the object's next read is under way: the reader gets the object as it was before.
  func duringRead(of key: String, _ action: @escaping Action) { actions.withLock { $0[key] = action } }

  private func object(_ verb: String, _ key: String) -> Object? {
    state.withLock { state in
      state.requests.append("\(verb) \(key)")
      return state.objects[key]
    }
  }

  func read(_ object: ObjectAddress) async throws -> (bytes: [UInt8], etag: String)? {
    let content = self.object("GET", object.key).map { ($0.bytes, $0.etag) }
    try await actions.withLock { $0.removeValue(forKey: object.key) }?()
    return content
  }

  func head(_ object: ObjectAddress) async throws -> S3Client.ObjectInfo? {
    self.object("HEAD", object.key).map {
      S3Client.ObjectInfo(bytes: $0.bytes.count, etag: $0.etag, metadata: [:])
    }
  }

  func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    metadata: [(name: String, value: String)], condition: S3Client.Condition
  ) async throws -> String? {
    let known = self.object("PUT", object.key)?.etag
    switch condition {
    case .isNew where known != nil: return nil
    case .isUnchanged(let etag) where known != etag: return nil
    default: write(object.key, body.pieces.flatMap { $0 })
    }
    return state.withLock { $0.objects[object.key]?.etag }
  }

  func copy(_ source: ObjectAddress, to target: ObjectAddress) async throws -> Bool { throw Unsupported() }

  func delete(_ object: ObjectAddress, ifUnchanged etag: String?) async throws -> Bool { throw Unsupported() }

  func list(bucket: String, prefix: String) async throws -> [S3Client.Listed] {
    state.withLock { state in
      state.requests.append("LIST \(prefix)")
      return state.objects.filter { $0.key.hasPrefix(prefix) }.map { key, object in
        S3Client.Listed(
          key: key, bytes: object.bytes.count, etag: object.etag, modifiedAt: object.modifiedAt)
      }.sorted { $0.key < $1.key }
    }
  }

  func folders(bucket: String, prefix: String) async throws -> [String] {
    state.withLock { state in
      state.requests.append("LIST \(prefix)")
      let folders = state.objects.keys.compactMap { key -> String? in
        guard key.hasPrefix(prefix), let slash = key.dropFirst(prefix.count).firstIndex(of: "/") else {
          return nil
        }
        return String(key[...slash])
      }
      return Set(folders).sorted()
    }
  }
}

/// A clock that a test sets.
final class ManualClock: SystemClock {
  private let offset = Mutex(Duration.zero)
  private let start = ContinuousClock.now

  func advance(_ duration: Duration) { offset.withLock { $0 += duration } }

  var now: ContinuousClock.Instant { start + offset.withLock { $0 } }
  var date: UnixTime { .now() }

  func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
    throw CancellationError()
  }
}
