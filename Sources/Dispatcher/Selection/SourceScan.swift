import Shared

/// Feeds a source to a `MovieScan`, and decompresses it first if it is gzip data. A source in another recognized format
/// is refused.
///
/// Safety of `@unchecked Sendable`: the stream's consumer and the task that waits for it run on the same event loop.
final class SourceScan: @unchecked Sendable {
  private var scan: MovieScan
  private var gzip: GzipStream<SelectionError>?
  /// The start of the object; nil once its format is known.
  private var objectStart: SourceStart? = SourceStart()
  /// The start of the text in gzip data; nil once its format is known, and before.
  private var textStart: SourceStart?

  init(_ criteria: SelectionCriteria) { scan = MovieScan(criteria) }

  /// Scans the next chunk of the object.
  func consume(_ chunk: UnsafeRawBufferPointer) throws(SelectionError) {
    guard objectStart != nil else { return try feed(chunk) }
    guard let (start, rest) = objectStart?.add(chunk) else { return }
    try recognizeObject(start)
    try start.withBytes { bytes throws(SelectionError) in try feed(bytes) }
    try feed(rest)
  }

  /// Ends the object.
  /// - Returns: the scan with its results.
  func finish() throws(SelectionError) -> MovieScan {
    if let start = objectStart?.bytes {
      try recognizeObject(start)
      try start.withBytes { bytes throws(SelectionError) in try feed(bytes) }
    }
    try gzip?.finish()
    if let start = textStart?.bytes {
      try recognizeText(start)
      try start.withBytes { bytes throws(SelectionError) in try scan.consume(bytes) }
    }
    try scan.finish()
    return scan
  }

  private func recognizeObject(_ start: [UInt8]) throws(SelectionError) {
    objectStart = nil
    guard let format = SourceFormat(start: start) else { return }
    guard format == .gzip else { throw .unsupportedFormat(format) }
    gzip = try GzipStream(corrupt: SelectionError.corruptGzip)
    textStart = SourceStart()
  }

  private func recognizeText(_ start: [UInt8]) throws(SelectionError) {
    textStart = nil
    if let format = SourceFormat(start: start) { throw .unsupportedFormat(format) }
  }

  private func feed(_ bytes: UnsafeRawBufferPointer) throws(SelectionError) {
    guard gzip != nil else { return try scan.consume(bytes) }
    try gzip?.consume(bytes) { output throws(SelectionError) in try feedText(output) }
  }

  private func feedText(_ text: UnsafeRawBufferPointer) throws(SelectionError) {
    guard textStart != nil else { return try scan.consume(text) }
    guard let (start, rest) = textStart?.add(text) else { return }
    try recognizeText(start)
    try start.withBytes { bytes throws(SelectionError) in try scan.consume(bytes) }
    try scan.consume(rest)
  }
}

/// The first bytes of a stream, collected until there are enough to recognize its format.
private struct SourceStart {
  private(set) var bytes: [UInt8] = []

  /// Adds a chunk. Once there are enough bytes, returns them and the rest of the chunk.
  mutating func add(
    _ chunk: UnsafeRawBufferPointer
  ) -> (start: [UInt8], rest: UnsafeRawBufferPointer)? {
    let missing = SourceFormat.signatureBytesMax - bytes.count
    bytes.append(contentsOf: chunk.prefix(missing))
    guard bytes.count == SourceFormat.signatureBytesMax else { return nil }
    return (bytes, UnsafeRawBufferPointer(rebasing: chunk.dropFirst(missing)))
  }
}
