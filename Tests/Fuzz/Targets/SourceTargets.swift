import Shared

@testable import Dispatcher

extension FuzzTarget {
  /// Sources of every dialect, plain or gzip. However a source is divided into chunks, and whether it is compressed, the
  /// result must be the same. The first bytes choose what is selected and how the source is divided.
  static let source = FuzzTarget(name: "source") { input in
    var reader = InputReader(input)
    let criteria = criteria(&reader)
    let sizes = [1 + reader.choice(of: 64), 1 + reader.choice(of: 7), 1]
    let source = reader.bytes
    let whole = outcome(of: [source[...]], criteria)
    for size in sizes {
      let divided = outcome(of: chunks(source, of: size), criteria)
      try require(divided == whole, "chunks of \(size) bytes: \(divided), the whole: \(whole)")
    }
    // Gzip within gzip is refused.
    guard SourceFormat(start: Array(source.prefix(SourceFormat.signatureBytesMax))) != .gzip else { return }
    let compressed = outcome(of: chunks(compress(source), of: sizes[0]), criteria)
    try require(compressed == whole, "compressed: \(compressed), plain: \(whole)")
  }

  private static func criteria(_ reader: inout InputReader) -> SelectionCriteria {
    let genres = [["Drama", "Romance"], ["drama"], ["Sci-Fi", "Ação"]][reader.choice(of: 3)]
    let match = DispatcherEvent.Match.allCases[reader.choice(of: 3)]
    let columns = [SourceColumns(), SourceColumns(id: "id", genres: "genero"), SourceColumns(id: "a b")]
    return SelectionCriteria(
      genres: genres, match: match, columns: columns[reader.choice(of: 3)],
      titleTypes: [["movie"], ["short", "tvSeries"]][reader.choice(of: 2)])
  }

  private static func chunks(_ bytes: [UInt8], of size: Int) -> [ArraySlice<UInt8>] {
    stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min(bytes.count, $0 + size)] }
  }

  private static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var writer = GzipWriter()
    writer.append(bytes[...])
    return writer.finish().flatMap { $0 }
  }

  /// Everything that a scan results in, as text.
  private static func outcome(of chunks: [ArraySlice<UInt8>], _ criteria: SelectionCriteria) -> String {
    let scan = SourceScan(criteria)
    do {
      for chunk in chunks {
        // A copy at its own address, so that AddressSanitizer sees a read past its end.
        try Array(chunk).withUnsafeBytes { try scan.consume($0) }
      }
      let films = try scan.finish()
      return
        "\(films.selected) \(films.selectedGeneros.generos) \(films.selectedGeneros.indexes) "
        + "\(films.rows) \(films.films) \(films.skipped) \(films.firstSkipped) \(films.genresWithoutFilms) "
        + "\(films.warnings(source: ObjectAddress(bucket: "lake", key: "movies.csv")))"
    } catch { return "\(error)" }
  }

  /// Gzip streams. However a stream is divided, the result is the same, and compressing it again loses nothing.
  static let gzip = FuzzTarget(name: "gzip") { input in
    let whole = Result { try Gzip.decompress(input, bytesMax: contentMax) }
    for size in [1, 7] {
      let divided = Result { try decompress(chunks(input, of: size)) }
      switch (whole, divided) {
      case (.success(let left), .success(let right)): try require(left == right, "chunks of \(size) differ")
      case (.failure(let left), .failure(let right)):
        try require("\(left)" == "\(right)", "the whole \(left), chunks of \(size) \(right)")
      default: throw FuzzFailure("only the whole or only chunks of \(size) can be decompressed")
      }
    }
    guard let content = try? whole.get() else { return }
    let again = try Gzip.decompress(compress(content), bytesMax: contentMax)
    try require(again == content, "the content changes when it is compressed again")
  }

  private static let contentMax = 1 << 20

  private static func decompress(_ chunks: [ArraySlice<UInt8>]) throws -> [UInt8] {
    var content: [UInt8] = []
    var stream = try GzipStream(corrupt: Gzip.Problem.corrupt)
    for chunk in chunks {
      try chunk.withUnsafeBytes { bytes in
        try stream.consume(bytes) { output throws(Gzip.Problem) in
          guard content.count + output.count <= contentMax else { throw .tooLarge(bytesMax: contentMax) }
          content.append(contentsOf: output)
        }
      }
    }
    try stream.finish()
    return content
  }
}
