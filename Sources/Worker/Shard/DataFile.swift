import Shared

/// A data file's content, as it is stored.
struct DataFile {
  let body: HTTPBody
  /// SHA-256 of the content, in lowercase hexadecimal.
  let sha256: String
  /// Number of films in the file.
  let films: Int
}

/// Composes the content of a data file: joins the responses byte for byte, one film per line, and compresses them if
/// the encoding requires it. Films must be appended in the order of the input.
///
/// Without compression, the responses are kept as separate pieces and never joined, so that a file's content is not
/// copied. With compression, only the compressed bytes are kept.
struct DataFileEncoder: ~Copyable {
  private let format: FileFormat
  private var gzip: GzipWriter?
  private var pieces: [ArraySlice<UInt8>] = []
  private var films = 0

  init(_ encoding: DataFileEncoding) {
    format = encoding.format
    gzip = encoding.compression == .gzip ? GzipWriter() : nil
  }

  /// Appends a film.
  /// - Parameter response: TMDB's credits response, a JSON object.
  mutating func append(_ response: [UInt8], of id: String) {
    switch format {
    case .object:
      append(Array("\(films == 0 ? "{" : ",\n")\"\(id)\":".utf8)[...])
      append(response[...])
    case .lines:
      let line = FilmLine.pieces(id: id, response: response)
      append(films == 0 ? line.start[...] : [UInt8(ascii: "\n")] + line.start)
      append(line.rest)
    }
    films += 1
  }

  /// Ends the file. Append nothing afterwards.
  mutating func finish() -> DataFile {
    switch format {
    case .object: append(Array(films == 0 ? "{}\n".utf8 : "}\n".utf8)[...])
    case .lines: append(Array(films == 0 ? "".utf8 : "\n".utf8)[...])
    }
    if let compressed = gzip?.finish() { pieces = compressed.map { $0[...] } }
    let hash = SHA256()
    for piece in pieces { hash.update(piece) }
    return DataFile(body: HTTPBody(pieces: pieces), sha256: hash.hex(), films: films)
  }

  private mutating func append(_ piece: ArraySlice<UInt8>) {
    if gzip?.append(piece) == nil { pieces.append(piece) }
  }
}
