@testable import Shared

/// An in-memory S3 with conditional writes and strongly consistent reads and listings.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one simulated loop.
final class SimulatedStore: @unchecked Sendable {
  struct Object {
    let bytes: [UInt8]
    let etag: String
    let metadata: [String: String]
    let modifiedAt: UnixTime
  }

  enum Operation: String { case get, head, put, copy, delete, list }

  private(set) var objects: [String: Object] = [:]
  /// Number of writes per key.
  private(set) var writes: [String: Int] = [:]
  /// Number of requests per operation, in the words of S3's price list.
  fileprivate(set) var requests: [Operation: Int] = [:]
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
    // S3 reports modification times in whole seconds.
    objects[key] = Object(
      bytes: bytes, etag: "\"\(lastETag)\"",
      metadata: Dictionary(metadata.map { ($0.name, $0.value) }) { $1 },
      modifiedAt: UnixTime(seconds: time.nanoseconds / 1_000_000_000))
    writes[key, default: 0] += 1
    return objects[key]?.etag
  }

  /// - Returns: false if the object has another ETag, and was not deleted.
  func delete(_ key: String, ifUnchanged etag: String?) -> Bool {
    guard let object = objects[key] else { return true }
    guard etag == nil || object.etag == etag else { return false }
    objects.removeValue(forKey: key)
    keys.remove(at: index(of: key))
    return true
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

/// A process's access to the store. Requests take time; a PUT whose response is lost is sent again.
struct SimulatedStoreClient: ObjectStore {
  private static let latency: Duration = .milliseconds(15)

  let store: SimulatedStore
  let process: SimulatedProcess
  let lostResponses: Double
  let failures: Double
  /// Probability that a PUT arrives late, after up to `lateBy`. It arrives even if the process is dead by then.
  let latePuts: Double
  let lateBy: Duration
  /// The period during which every request fails, measured from the start of the simulation.
  let outage: Range<Duration>?

  /// Waits for the latency of the request. A request that fails spends some seconds on retries first.
  private func arrive(_ operation: SimulatedStore.Operation) async throws {
    store.requests[operation, default: 0] += 1
    await process.delay(mean: Self.latency)
    guard outage?.contains(process.loop.elapsed) == true || process.loop.happens(failures) else { return }
    await process.delay(mean: .seconds(8))
    throw SimulatedLambda.unavailable
  }

  func read(_ object: ObjectAddress) async throws -> (bytes: [UInt8], etag: String)? {
    try await arrive(.get)
    let found = store.objects[object.key]
    await process.delay(mean: Self.latency)
    return found.map { ($0.bytes, $0.etag) }
  }

  func head(_ object: ObjectAddress) async throws -> S3Client.ObjectInfo? {
    try await arrive(.head)
    let found = store.objects[object.key]
    await process.delay(mean: Self.latency)
    return found.map { S3Client.ObjectInfo(bytes: $0.bytes.count, etag: $0.etag, metadata: $0.metadata) }
  }

  func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    metadata: [(name: String, value: String)], condition: S3Client.Condition
  ) async throws -> String? {
    var etag: String?
    repeat {
      try await arrive(.put)
      etag = await send(object.key, body.pieces.flatMap { $0 }, metadata, condition)
      await process.delay(mean: Self.latency)
    } while process.loop.happens(lostResponses)
    return etag
  }

  /// A PUT that is on its way no longer depends on the process that sent it.
  private func send(
    _ key: String, _ bytes: [UInt8], _ metadata: [(name: String, value: String)],
    _ condition: S3Client.Condition
  ) async -> String? {
    let loop = process.loop
    // One thing at a time: a worker that is suspended right before a PUT that arrives late, and killed before its next
    // request, could leave a new file in the folder of a run that has ended in the meantime. `elenco verify` finds it.
    let isLate = loop.happens(latePuts) && !process.wasSuspended
    let delay = isLate ? lateBy * loop.randomFraction() : .zero
    let receipt = Receipt()
    loop.after(delay) {
      receipt.etag = store.put(key, bytes, metadata: metadata, condition, at: loop.date)
    }
    await process.delay(exactly: delay)
    return receipt.etag
  }

  /// Safety of `@unchecked Sendable`: used only on the loop's thread.
  private final class Receipt: @unchecked Sendable {
    var etag: String?
  }

  func copy(_ source: ObjectAddress, to target: ObjectAddress) async throws -> Bool {
    try await arrive(.copy)
    guard let object = store.objects[source.key] else { return false }
    let metadata = object.metadata.map { (name: $0.key, value: $0.value) }
    _ = store.put(target.key, object.bytes, metadata: metadata, .none, at: process.loop.date)
    await process.delay(mean: Self.latency)
    return true
  }

  func delete(_ object: ObjectAddress, ifUnchanged etag: String?) async throws -> Bool {
    try await arrive(.delete)
    let isDeleted = store.delete(object.key, ifUnchanged: etag)
    await process.delay(mean: Self.latency)
    return isDeleted
  }

  func list(bucket: String, prefix: String) async throws -> [S3Client.Listed] {
    try await arrive(.list)
    let found = store.list(prefix)
    await process.delay(mean: Self.latency)
    return found
  }
}
