import Shared

/// The state of a shard's data files in S3: which are complete, and which have to be fetched.
struct Checkpoint: Sendable {
  /// A complete file of this run, which is kept.
  struct Kept: Sendable, Equatable {
    /// From 1.
    let number: Int
    let file: ShardReport.File
    let absent: [String]
  }

  /// A file to fetch, or to complete.
  struct Missing: Sendable, Equatable {
    /// From 1.
    let number: Int
    let films: ArraySlice<String>
    /// Whether S3 has an incomplete version of it, whose films are not fetched again.
    let isPartial: Bool
    /// The ETag of the object under the file's key, whatever it contains; nil if there is none.
    var etag: String?
  }

  /// Complete files of this run, in order.
  let kept: [Kept]
  let missing: [Missing]

  /// Files that are checked concurrently.
  private static let checksMax = 16

  private enum Found: Sendable {
    case none
    case partial
    case complete(Kept)
  }

  /// Checks the shard's files in S3 with one LIST, and one HEAD per existing file.
  /// - Parameter generation: identifies a `"replay": "all"`, for which only its own files count. If nil, every file of
  ///   the run counts.
  static func read(_ plan: ShardPlan, generation: String?, objects: any ObjectStore) async throws
    -> Checkpoint
  {
    let bucket = plan.destination.bucket
    let listed = try await objects.list(bucket: bucket, prefix: plan.layout.dataFiles(ofShard: plan.shard))
    let existing = Dictionary(listed.map { ($0.key, $0) }) { first, _ in first }
    let found = try await BoundedFanOut.map(Array(plan.files.enumerated()), limit: checksMax) {
      index, films in
      let object = ObjectAddress(bucket: bucket, key: plan.key(ofFile: index + 1))
      guard let size = existing[object.key]?.bytes else { return Found.none }
      return try await check(object, size, index + 1, films, plan, generation, objects)
    }
    return Checkpoint(plan, found, etags: existing.mapValues(\.etag))
  }

  private static func check(
    _ object: ObjectAddress, _ size: Int, _ number: Int, _ films: ArraySlice<String>, _ plan: ShardPlan,
    _ generation: String?, _ objects: any ObjectStore
  ) async throws -> Found {
    guard let info = try await objects.head(object), let metadata = DataFileMetadata({ info.metadata[$0] }),
      metadata.run == plan.run, metadata.shard == plan.shard,
      generation == nil || metadata.generation == generation
    else { return .none }
    guard metadata.isComplete, metadata.films + metadata.absent == films.count else {
      return metadata.films > 0 ? .partial : .none
    }
    let absent =
      metadata.absent == 0
      ? [] : try await absentFilms(of: object, plan.encoding, films: films, objects: objects)
    let file = ShardReport.File(
      key: object.key, films: metadata.films, bytes: size, sha256: metadata.sha256, isComplete: true,
      isResumed: true)
    return .complete(Kept(number: number, file: file, absent: absent))
  }

  /// The responses in a partial file, by IMDb id.
  static func responses(inFile number: Int, of plan: ShardPlan, objects: any ObjectStore) async throws
    -> [String: [UInt8]]
  {
    let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.key(ofFile: number))
    guard let bytes = try await objects.get(object) else { return [:] }
    do { return try DataFileIndex.responses(in: bytes, plan.encoding) } catch {
      throw UnreadableDataFile(object: object, reason: error.reason)
    }
  }

  private init(_ plan: ShardPlan, _ found: [Found], etags: [String: String]) {
    kept = found.compactMap { if case .complete(let kept) = $0 { kept } else { nil } }
    missing = zip(plan.files.enumerated(), found).compactMap { file, found in
      let (number, films) = (file.offset + 1, file.element)
      let etag = etags[plan.key(ofFile: number)]
      return switch found {
      case .complete: nil
      case .partial: Missing(number: number, films: films, isPartial: true, etag: etag)
      case .none: Missing(number: number, films: films, isPartial: false, etag: etag)
      }
    }
  }

  /// The films of the plan that a complete file does not contain.
  private static func absentFilms(
    of object: ObjectAddress, _ encoding: DataFileEncoding, films: ArraySlice<String>,
    objects: any ObjectStore
  ) async throws -> [String] {
    guard let bytes = try await objects.get(object) else { return [] }
    do {
      let present = Set(try DataFileIndex.filmIDs(in: bytes, encoding))
      return films.filter { !present.contains($0) }
    } catch {
      throw UnreadableDataFile(object: object, reason: error.reason)
    }
  }
}

/// A data file of the run whose metadata is in order, but whose content cannot be read.
struct UnreadableDataFile: TypedError, Equatable {
  let object: ObjectAddress
  /// Completes a sentence about the file.
  let reason: String

  var errorType: String { "UnreadableDataFile" }

  var description: String {
    "\(object) is not a data file as Elenco writes it: \(reason). Delete the object; the next invocation of the shard "
      + "then fetches its films again."
  }
}
