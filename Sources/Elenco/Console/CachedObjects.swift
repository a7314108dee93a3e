import Shared

/// Reads an object of S3 again only if it has changed, which the last listing of its folder shows by its ETag.
actor CachedObjects: RunObjects {
  /// How long a listing is relied on, and how long an object counts as unchanged that was in no listing.
  static let listingLifetime: Duration = .seconds(10)
  /// Maximum size of all copies. Copies that were not used for the longest time are dropped.
  private static let bytesMax = 128 << 20
  private static let listingsMax = 64

  private struct Copy {
    /// Nil if the object did not exist.
    let content: (bytes: [UInt8], etag: String)?
    let readAt: ContinuousClock.Instant
    var lastUse: Int
  }

  private struct Listing {
    let readAt: ContinuousClock.Instant
    /// By key.
    let etags: [String: String]
  }

  private let store: any RunObjects
  private let clock: any SystemClock
  private var copies: [ObjectAddress: Copy] = [:]
  private var infos: [ObjectAddress: (info: S3Client.ObjectInfo?, readAt: ContinuousClock.Instant)] = [:]
  /// By bucket and prefix.
  private var listings: [ObjectAddress: Listing] = [:]
  private var bytes = 0
  private var uses = 0

  init(_ store: any RunObjects, clock: any SystemClock) {
    self.store = store
    self.clock = clock
  }

  /// Makes the next reads of objects that are in no listing send a request.
  func forgetUnlisted() {
    for address in copies.keys where etag(of: address) == nil { drop(address) }
    infos = [:]
  }

  func list(bucket: String, prefix: String) async throws -> [S3Client.Listed] {
    let readAt = clock.now
    let objects = try await store.list(bucket: bucket, prefix: prefix)
    if listings.count >= Self.listingsMax {
      listings = listings.filter { $0.value.readAt + Self.listingLifetime > readAt }
    }
    listings[ObjectAddress(bucket: bucket, key: prefix)] = Listing(
      readAt: readAt, etags: Dictionary(objects.map { ($0.key, $0.etag) }) { _, last in last })
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
    let readAt = clock.now
    let content = try await store.read(object)
    keep(Copy(content: content, readAt: readAt, lastUse: 0), of: object)
    return content
  }

  func head(_ object: ObjectAddress) async throws -> S3Client.ObjectInfo? {
    if let known = infos[object], known.readAt + Self.listingLifetime > clock.now { return known.info }
    let readAt = clock.now
    let info = try await store.head(object)
    infos = infos.filter { $0.value.readAt + Self.listingLifetime > readAt }
    infos[object] = (info, readAt)
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

  private func isCurrent(_ copy: Copy, _ object: ObjectAddress) -> Bool {
    guard let etag = etag(of: object) else { return copy.readAt + Self.listingLifetime > clock.now }
    return copy.content?.etag == etag
  }

  /// The ETag in a recent listing; nil if no recent listing has the object.
  private func etag(of object: ObjectAddress) -> String? {
    for (folder, listing) in listings
    where folder.bucket == object.bucket && object.key.hasPrefix(folder.key)
      && listing.readAt + Self.listingLifetime > clock.now
    {
      if let etag = listing.etags[object.key] { return etag }
    }
    return nil
  }

  private func keep(_ copy: Copy, of object: ObjectAddress) {
    drop(object)
    uses += 1
    var copy = copy
    copy.lastUse = uses
    copies[object] = copy
    bytes += copy.content?.bytes.count ?? 0
    guard bytes > Self.bytesMax || copies.count > 100_000 else { return }
    for object in copies.sorted(by: { $0.value.lastUse < $1.value.lastUse }).map(\.key) {
      guard bytes > Self.bytesMax / 2 || copies.count > 50_000 else { return }
      drop(object)
    }
  }

  private func drop(_ object: ObjectAddress) {
    guard let copy = copies.removeValue(forKey: object) else { return }
    bytes -= copy.content?.bytes.count ?? 0
  }
}
