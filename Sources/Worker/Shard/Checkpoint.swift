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

  /// Complete files of this run, in order.
  let kept: [Kept]
  /// The files that are to be fetched: number, from 1, and films.
  let missing: [(number: Int, films: ArraySlice<String>)]

  /// Looks at the shard's files in S3: one LIST, and a HEAD for each that is there.
  static func read(_ plan: ShardPlan, replay: Replay, s3: S3Client) async throws -> Checkpoint {
    let files = plan.files
    guard replay == .missing else { return Checkpoint(plan, kept: [:]) }
    let bucket = plan.destination.bucket
    let listed = try await s3.list(bucket: bucket, prefix: plan.layout.dataFiles(ofShard: plan.shard))
    let bytes = Dictionary(listed.map { ($0.key, $0.bytes) }) { first, _ in first }
    var kept: [Int: Kept] = [:]
    for (index, films) in files.enumerated() {
      let object = ObjectAddress(bucket: bucket, key: plan.key(ofFile: index + 1))
      guard let size = bytes[object.key], let info = try await s3.head(object),
        let metadata = DataFileMetadata({ info.metadata[$0] }), metadata.run == plan.run,
        metadata.shard == plan.shard, metadata.isComplete, metadata.films + metadata.absent == films.count
      else { continue }
      let absent = metadata.absent == 0 ? [] : try await absentFilms(of: object, films: films, s3: s3)
      kept[index + 1] = Kept(
        number: index + 1,
        file: ShardReport.File(
          key: object.key, films: metadata.films, bytes: size, sha256: metadata.sha256, isComplete: true,
          isResumed: true),
        absent: absent)
    }
    return Checkpoint(plan, kept: kept)
  }

  private init(_ plan: ShardPlan, kept: [Int: Kept]) {
    self.kept = kept.values.sorted { $0.number < $1.number }
    missing = plan.files.enumerated().map { (number: $0.offset + 1, films: $0.element) }
      .filter { kept[$0.number] == nil }
  }

  /// The film ids that a complete file does not hold.
  private static func absentFilms(
    of object: ObjectAddress, films: ArraySlice<String>, s3: S3Client
  ) async throws -> [String] {
    guard let bytes = try await s3.get(object) else { return [] }
    let present = Set(try bytes.withUnsafeBytes { try DataFileIndex.filmIDs(in: $0) })
    return films.filter { !present.contains($0) }
  }
}
