import Shared

/// Reads an object of S3 again only if it has changed, which the last listing of its folder shows by its ETag.
actor CachedObjects: RunObjects {
  /// How long a listing is relied on, and how long an object counts as unchanged that was in no listing.
  static let listingLifetime: Duration = .seconds(10)
  /// Maximum size of all copies. Copies that were not used for the longest time are dropped.
  private static let bytesMax = 128 << 20
  private static let copiesMax = 100_000
  /// Maximum number of objects whose ETags are kept.
  private static let listedMax = 200_000

  /// When something was read.
  private struct Reading {
    let time: ContinuousClock.Instant
    /// How often `forgetUnlisted` had been called.
    let generation: Int
  }

  private struct Copy {
    /// Nil if the object did not exist.
    let content: (bytes: [UInt8], etag: String)?
    let reading: Reading
    var lastUse: Int
  }

  private let store: any RunObjects
  private let clock: any SystemClock
  private var copies: [ObjectAddress: Copy] = [:]
  private var infos: [ObjectAddress: (info: S3Client.ObjectInfo?, reading: Reading)] = [:]
  /// The ETags of the listings.
  private var listed: [ObjectAddress: (etag: String, readAt: ContinuousClock.Instant)] = [:]
  private var bytes = 0
  private var uses = 0
  private var generation = 0

  init(_ store: any RunObjects, clock: any SystemClock) {
    self.store = store
    self.clock = clock
  }

  /// Makes the next reads of objects that are in no listing send a request. A read that is under way does not count as
  /// one of them.
  func forgetUnlisted() { generation += 1 }

  func list(bucket: String, prefix: String) async throws -> [S3Client.Listed] {
    let readAt = clock.now
    let objects = try await store.list(bucket: bucket, prefix: prefix)
    if listed.count + objects.count > Self.listedMax {
      listed = listed.filter { isRecent($0.value.readAt) }
    }
    if listed.count + objects.count > Self.listedMax { listed = [:] }
    for object in objects {
      listed[ObjectAddress(bucket: bucket, key: object.key)] = (object.etag, readAt)
    }
    return objects
  }

  func folders(bucket: String, prefix: String) async throws -> [String] {
    try await store.folders(bucket: bucket, prefix: prefix)
  }

  func read(_ object: ObjectAddress) async throws -> (bytes: [UInt8], etag: String)? {
    if var copy = copies[object], isCurrent(copy, object) {
      uses += 1
      copy.lastUse = uses
      copies[object] = copy
      return copy.content
    }
    let reading = now
    let content = try await store.read(object)
    keep(Copy(content: content, reading: reading, lastUse: 0), of: object)
    return content
  }

  func head(_ object: ObjectAddress) async throws -> S3Client.ObjectInfo? {
    if let known = infos[object], isValid(known.reading) { return known.info }
    let reading = now
    let info = try await store.head(object)
    infos = infos.filter { isValid($0.value.reading) }
    infos[object] = (info, reading)
    return info
  }

  // Writes pass through.

  func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    metadata: [(name: String, value: String)], condition: S3Client.Condition
  ) async throws -> String? {
    drop(object)
    return try await store.put(
      object, body, sha256: sha256, contentType: contentType, metadata: metadata, condition: condition)
  }

  func copy(_ source: ObjectAddress, to target: ObjectAddress) async throws -> Bool {
    drop(target)
    return try await store.copy(source, to: target)
  }

  func delete(_ object: ObjectAddress, ifUnchanged etag: String?) async throws -> Bool {
    drop(object)
    return try await store.delete(object, ifUnchanged: etag)
  }

  // MARK: - Copies

  private var now: Reading { Reading(time: clock.now, generation: generation) }

  private func isRecent(_ time: ContinuousClock.Instant) -> Bool { time + Self.listingLifetime > clock.now }

  /// Whether what was read of an object that is in no listing is still relied on.
  private func isValid(_ reading: Reading) -> Bool {
    reading.generation == generation && isRecent(reading.time)
  }

  private func isCurrent(_ copy: Copy, _ object: ObjectAddress) -> Bool {
    guard let listed = listed[object], isRecent(listed.readAt) else { return isValid(copy.reading) }
    return copy.content?.etag == listed.etag
  }

  private func keep(_ copy: Copy, of object: ObjectAddress) {
    drop(object)
    uses += 1
    var copy = copy
    copy.lastUse = uses
    copies[object] = copy
    bytes += copy.content?.bytes.count ?? 0
    guard bytes > Self.bytesMax || copies.count > Self.copiesMax else { return }
    for object in copies.sorted(by: { $0.value.lastUse < $1.value.lastUse }).map(\.key) {
      guard bytes > Self.bytesMax / 2 || copies.count > Self.copiesMax / 2 else { return }
      drop(object)
    }
  }

  private func drop(_ object: ObjectAddress) {
    guard let copy = copies.removeValue(forKey: object) else { return }
    bytes -= copy.content?.bytes.count ?? 0
  }
}
