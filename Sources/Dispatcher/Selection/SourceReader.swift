import Shared

/// Reads a source from S3 as a stream and selects its films. The file is never held: a chunk is scanned where
/// libcurl received it.
struct SourceReader {
  let s3: S3Client

  /// What a source gave.
  struct Selection {
    /// Ids in the order of the input.
    let films: [String]
    let input: DispatcherResponse.Input
  }

  /// - Throws: `SourceError` when the source is not what it should be, `AWSServiceError` when it cannot be read.
  func read(_ event: DispatcherEvent) async throws -> Selection {
    let scan = SourceScan(genres: event.genres, match: event.match)
    do {
      _ = try await s3.stream(event.source) { try scan.consume($0) }
      let films = try scan.finish()
      return Selection(
        films: films.selected,
        input: DispatcherResponse.Input(
          bucket: event.source.bucket, key: event.source.key, rows: films.rows, films: films.films,
          rowsSkipped: films.skipped, firstSkipped: films.firstSkipped))
    } catch let error as SelectionError {
      throw SourceError(source: event.source, problem: error)
    }
  }
}

/// A source, plain or gzip, which its first two bytes tell, fed to the scan.
///
/// Safety of `@unchecked Sendable`: the stream's consumer and the task that waits for it run on one loop.
final class SourceScan: @unchecked Sendable {
  private var scan: MovieScan
  private var gzip: GzipStream?
  /// The first bytes, until there are enough to tell gzip by.
  private var start: [UInt8]? = []

  init(genres: [String], match: DispatcherEvent.Match) { scan = MovieScan(genres: genres, match: match) }

  func consume(_ chunk: UnsafeRawBufferPointer) throws(SelectionError) {
    guard let begun = start else { return try feed(chunk) }
    let first = begun + chunk.prefix(2 - begun.count)
    start = first
    guard first.count == 2 else { return }
    start = nil
    if GzipStream.isGzip(first) { gzip = try GzipStream() }
    try first.withBytes { bytes throws(SelectionError) in try feed(bytes) }
    try feed(UnsafeRawBufferPointer(rebasing: chunk.dropFirst(2 - begun.count)))
  }

  func finish() throws(SelectionError) -> MovieScan {
    if let start {
      self.start = nil
      try start.withBytes { bytes throws(SelectionError) in try feed(bytes) }
    }
    try gzip?.finish()
    try scan.finish()
    return scan
  }

  private func feed(_ bytes: UnsafeRawBufferPointer) throws(SelectionError) {
    guard gzip != nil else { return try scan.consume(bytes) }
    try gzip?.consume(bytes) { unpacked throws(SelectionError) in try scan.consume(unpacked) }
  }
}

/// A source that was read and is not what it should be.
struct SourceError: TypedError, Equatable {
  let source: ObjectAddress
  let problem: SelectionError

  var errorType: String {
    if case .nothingSelected = problem { "NothingSelected" } else { "InvalidSource" }
  }

  var description: String { "\(source) \(problem)" }
}
