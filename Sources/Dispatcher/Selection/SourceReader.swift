import Shared

/// Streams a source from S3 and selects its films. The file is never buffered: each chunk is scanned in the memory
/// where libcurl received it.
struct SourceReader {
  let s3: S3Client

  /// The films selected from a source, and its row counts.
  struct Selection {
    /// Ids of the selected films, in input order.
    let films: [String]
    let generos: GeneroList
    let input: DispatcherResponse.Input
  }

  /// Reads the event's source and applies its genre filter.
  /// - Throws: `SourceError` if the source is not a usable movies file or has no matching film, `AWSServiceError` if it
  ///   cannot be read.
  func read(_ event: DispatcherEvent) async throws -> Selection {
    let scan = SourceScan(genres: event.genres, match: event.match)
    do {
      _ = try await s3.stream(event.source) { try scan.consume($0) }
      let films = try scan.finish()
      return Selection(
        films: films.selected, generos: films.selectedGeneros,
        input: DispatcherResponse.Input(
          bucket: event.source.bucket, key: event.source.key, rows: films.rows, films: films.films,
          rowsSkipped: films.skipped, firstSkipped: films.firstSkipped))
    } catch let error as SelectionError {
      throw SourceError(source: event.source, problem: error)
    }
  }
}

/// Feeds a source to a `MovieScan`, and decompresses it first if its first two bytes are the gzip magic number.
///
/// Safety of `@unchecked Sendable`: the stream's consumer and the task that waits for it run on the same event loop.
final class SourceScan: @unchecked Sendable {
  private var scan: MovieScan
  private var gzip: GzipStream?
  /// The bytes received so far, until there are enough to recognize gzip; nil from then on.
  private var start: [UInt8]? = []

  init(genres: [String], match: DispatcherEvent.Match) { scan = MovieScan(genres: genres, match: match) }

  func consume(_ chunk: UnsafeRawBufferPointer) throws(SelectionError) {
    guard let received = start else { return try feed(chunk) }
    let first = received + chunk.prefix(2 - received.count)
    start = first
    guard first.count == 2 else { return }
    start = nil
    if GzipStream.isGzip(first) { gzip = try GzipStream() }
    try first.withBytes { bytes throws(SelectionError) in try feed(bytes) }
    try feed(UnsafeRawBufferPointer(rebasing: chunk.dropFirst(2 - received.count)))
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
    try gzip?.consume(bytes) { output throws(SelectionError) in try scan.consume(output) }
  }
}

/// A source object that is not a usable movies file, or has no film of the requested genres.
struct SourceError: TypedError, Equatable {
  let source: ObjectAddress
  let problem: SelectionError

  var errorType: String {
    if case .nothingSelected = problem { "NothingSelected" } else { "InvalidSource" }
  }

  var description: String { "\(source) \(problem)" }
}
