@testable import Shared

/// S3 in memory: conditional writes, and reads and listings that show them at once.
///
/// Safety of `@unchecked Sendable`: touched by tasks of one simulated loop alone.
final class SimulatedStore: @unchecked Sendable {
  struct Object {
    let bytes: [UInt8]
    let etag: String
    let metadata: [String: String]
    let modifiedAt: UnixTime
  }

  private(set) var objects: [String: Object] = [:]
  /// How often each key was written.
  private(set) var writes: [String: Int] = [:]
  private var keys: [String] = []
  private var lastETag = 0

  func put(
    _ key: String, _ bytes: [UInt8], metadata: [(name: String, value: String)],
    _ condition: S3Client.Condition,
    at time: UnixTime
  ) -> String? {
    switch condition {
    case .none: break
    case .isNew: if objects[key] != nil { return nil }
    case .isUnchanged(let etag): if objects[key]?.etag != etag { return nil }
    }
    lastETag += 1
    if objects[key] == nil { keys.insert(key, at: index(of: key)) }
    // Whole seconds, as S3 has them.
    objects[key] = Object(
      bytes: bytes, etag: "\"\(lastETag)\"",
      metadata: Dictionary(metadata.map { ($0.name, $0.value) }) { $1 },
      modifiedAt: UnixTime(seconds: time.nanoseconds / 1_000_000_000))
    writes[key, default: 0] += 1
    return objects[key]?.etag
  }

  func delete(_ key: String) {
    guard objects.removeValue(forKey: key) != nil else { return }
    keys.remove(at: index(of: key))
  }

  func list(_ prefix: String) -> [S3Client.Listed] {
    keys[index(of: prefix)...].prefix { $0.hasPrefix(prefix) }.compactMap { key in
      objects[key].map {
        S3Client.Listed(key: key, bytes: $0.bytes.count, etag: $0.etag, modifiedAt: $0.modifiedAt)
      }
    }
  }

  private func index(of key: String) -> Int {
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The store as a process reaches it: calls take their time, and an answer may be lost and the call sent again.
struct ReachedStore: ObjectStore {
  private static let travel: Duration = .milliseconds(15)

  let store: SimulatedStore
  let process: SimulatedProcess
  let lostAnswers: Double
  let failures: Double
  /// From the start of the run on.
  let outage: Range<Duration>?

  /// The way there. A call that fails has been tried for some seconds.
  private func arrive() async throws {
    await process.travel(Self.travel)
    guard outage?.contains(process.loop.elapsed) == true || process.loop.happens(failures) else { return }
    await process.travel(.seconds(8))
    throw SimulatedLambda.unavailable
  }

  func read(_ object: ObjectAddress) async throws -> (bytes: [UInt8], etag: String)? {
    try await arrive()
    let found = store.objects[object.key]
    await process.travel(Self.travel)
    return found.map { ($0.bytes, $0.etag) }
  }

  func head(_ object: ObjectAddress) async throws -> S3Client.ObjectInfo? {
    try await arrive()
    let found = store.objects[object.key]
    await process.travel(Self.travel)
    return found.map { S3Client.ObjectInfo(bytes: $0.bytes.count, etag: $0.etag, metadata: $0.metadata) }
  }

  func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    metadata: [(name: String, value: String)], condition: S3Client.Condition
  ) async throws -> String? {
    var etag: String?
    repeat {
      try await arrive()
      etag = store.put(
        object.key, body.pieces.flatMap { $0 }, metadata: metadata, condition, at: process.date)
      await process.travel(Self.travel)
    } while process.loop.happens(lostAnswers)
    return etag
  }

  func delete(_ object: ObjectAddress) async throws {
    try await arrive()
    store.delete(object.key)
    await process.travel(Self.travel)
  }

  func list(bucket: String, prefix: String) async throws -> [S3Client.Listed] {
    try await arrive()
    let found = store.list(prefix)
    await process.travel(Self.travel)
    return found
  }
}
