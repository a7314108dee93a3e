import Shared

/// The state of a shard's data files in S3: which are complete, and which have to be fetched.
struct Checkpoint: Sendable {
  /// A complete file of this run, which is kept.
  struct Kept: Sendable, Equatable {
    /// From 1.
    let number: Int
    let file: ShardReport.File
    let absent: [String]
    /// Number of films that were kept from the run's base.
    var keptFilms = 0
    /// The file's part of the run's index, if its content was read; nil if it was not.
    var index: [RunIndex.Film]?
  }

  /// A file to fetch, or to complete.
  struct Missing: Sendable, Equatable {
    /// From 1.
    let number: Int
    let films: ArraySlice<String>
    /// Whether S3 has an incomplete version of it, whose films are not fetched again.
    var isPartial: Bool
    /// The ETag of the object under the file's key, whatever it contains; nil if there is none.
    var etag: String?
    /// How many of the incomplete version's films were kept from the run's base.
    var keptInPartial = 0
    /// Whether some of its films are to be kept from the run's base.
    var hasFilmsToKeep = false
  }

  /// Complete files of this run, in order.
  let kept: [Kept]
  let missing: [Missing]

  /// Files that are checked concurrently.
  private static let checksMax = 16

  private enum Found: Sendable {
    case none
    case partial(keptFilms: Int)
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
    return Checkpoint(plan, found, etags: existing.mapValues(\.etag), fetchesAll: generation != nil)
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
      return metadata.films > 0 ? .partial(keptFilms: metadata.kept ?? 0) : .none
    }
    let contents =
      metadata.absent == 0 ? nil : try await contents(of: object, plan.encoding, objects: objects)
    let file = ShardReport.File(
      key: object.key, films: metadata.films, bytes: size, sha256: metadata.sha256, isComplete: true,
      isResumed: true)
    let keptFilms = metadata.kept ?? 0
    guard let contents else {
      return .complete(Kept(number: number, file: file, absent: [], keptFilms: keptFilms))
    }
    let present = Set(contents.map(\.id))
    let index = ShardIndex(plan: plan, objects: objects)
    return .complete(
      Kept(
        number: number, file: file, absent: films.filter { !present.contains($0) }, keptFilms: keptFilms,
        index: index.films(inFile: number, contents: contents) { _ in keptFilms > 0 }))
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

  private init(_ plan: ShardPlan, _ found: [Found], etags: [String: String], fetchesAll: Bool) {
    kept = found.compactMap { if case .complete(let kept) = $0 { kept } else { nil } }
    missing = zip(plan.files.enumerated(), found).compactMap { file, found in
      let (number, films) = (file.offset + 1, file.element)
      var missing = Missing(
        number: number, films: films, isPartial: false, etag: etags[plan.key(ofFile: number)])
      switch found {
      case .complete: return nil
      case .partial(let keptFilms): (missing.isPartial, missing.keptInPartial) = (true, keptFilms)
      case .none: break
      }
      if let base = plan.base, !fetchesAll { missing.hasFilmsToKeep = base.keptCount(of: films.indices) > 0 }
      return missing
    }
  }

  /// The films that a complete file contains, with their TMDB ids; nil if the file is gone.
  private static func contents(
    of object: ObjectAddress, _ encoding: DataFileEncoding, objects: any ObjectStore
  ) async throws -> [(id: String, tmdbID: Int?)]? {
    guard let bytes = try await objects.get(object) else { return nil }
    do { return try DataFileIndex.tmdbIDs(in: bytes, encoding) } catch {
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
