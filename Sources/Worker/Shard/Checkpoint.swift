import Shared

/// What of a shard is there already: its data files are the checkpoint.
struct Checkpoint: Sendable {
  /// A complete file of this run.
  struct Kept: Sendable, Equatable {
    /// From 1.
    let number: Int
    let file: ShardReport.File
    let absent: [String]
  }

  /// A file that is to be fetched.
  struct Missing: Sendable, Equatable {
    /// From 1.
    let number: Int
    let films: ArraySlice<String>
    /// Whether a part of it stands in S3: its films are not fetched again.
    let isPartial: Bool
  }

  /// Complete files of this run, in order.
  let kept: [Kept]
  let missing: [Missing]

  /// Files that are looked at side by side.
  private static let looksMax = 16

  private enum Found: Sendable {
    case nothing
    case part
    case whole(Kept)
  }

  /// Looks at the shard's files in S3: one LIST, and a HEAD for each that is there.
  /// - Parameter generation: of a replay of everything, for which only its own files count; nil takes any of the run.
  static func read(_ plan: ShardPlan, generation: String?, objects: any ObjectStore) async throws
    -> Checkpoint
  {
    let bucket = plan.destination.bucket
    let listed = try await objects.list(bucket: bucket, prefix: plan.layout.dataFiles(ofShard: plan.shard))
    let bytes = Dictionary(listed.map { ($0.key, $0.bytes) }) { first, _ in first }
    let found = try await BoundedFanOut.map(Array(plan.files.enumerated()), limit: looksMax) { index, films in
      let object = ObjectAddress(bucket: bucket, key: plan.key(ofFile: index + 1))
      guard let size = bytes[object.key] else { return Found.nothing }
      return try await look(at: object, size, index + 1, films, plan, generation, objects)
    }
    return Checkpoint(plan, found)
  }

  private static func look(
    at object: ObjectAddress, _ size: Int, _ number: Int, _ films: ArraySlice<String>, _ plan: ShardPlan,
    _ generation: String?, _ objects: any ObjectStore
  ) async throws -> Found {
    guard let info = try await objects.head(object), let metadata = DataFileMetadata({ info.metadata[$0] }),
      metadata.run == plan.run, metadata.shard == plan.shard,
      generation == nil || metadata.generation == generation
    else { return .nothing }
    guard metadata.isComplete, metadata.films + metadata.absent == films.count else {
      return metadata.films > 0 ? .part : .nothing
    }
    let absent = metadata.absent == 0 ? [] : try await absentFilms(of: object, films: films, objects: objects)
    let file = ShardReport.File(
      key: object.key, films: metadata.films, bytes: size, sha256: metadata.sha256, isComplete: true,
      isResumed: true)
    return .whole(Kept(number: number, file: file, absent: absent))
  }

  /// The answers that stand in a file that is not complete.
  static func answers(ofFile number: Int, of plan: ShardPlan, objects: any ObjectStore) async throws
    -> [String: [UInt8]]
  {
    let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.key(ofFile: number))
    guard let bytes = try await objects.get(object) else { return [:] }
    return try bytes.withUnsafeBytes { try DataFileIndex.answers(in: $0) }
  }

  private init(_ plan: ShardPlan, _ found: [Found]) {
    kept = found.compactMap { if case .whole(let kept) = $0 { kept } else { nil } }
    missing = zip(plan.files.enumerated(), found).compactMap { file, found in
      let (number, films) = (file.offset + 1, file.element)
      return switch found {
      case .whole: nil
      case .part: Missing(number: number, films: films, isPartial: true)
      case .nothing: Missing(number: number, films: films, isPartial: false)
      }
    }
  }

  /// The film ids that a complete file does not hold.
  private static func absentFilms(
    of object: ObjectAddress, films: ArraySlice<String>, objects: any ObjectStore
  ) async throws -> [String] {
    guard let bytes = try await objects.get(object) else { return [] }
    let present = Set(try bytes.withUnsafeBytes { try DataFileIndex.filmIDs(in: $0) })
    return films.filter { !present.contains($0) }
  }
}
