/// Reads the films of a data file.
package enum DataFileIndex {
  /// The most bytes of a decompressed data file: as many as a response of S3 may have.
  package static let contentBytesMax = 64 << 20

  /// The file's IMDb ids, in the order of the file. Checks the syntax of the whole file.
  /// - Throws: `DataFileError` if the bytes are not a data file of this encoding.
  package static func filmIDs(
    in file: [UInt8], _ encoding: DataFileEncoding
  ) throws(DataFileError) -> [String] {
    try DataFileContent(file, encoding).films.map(\.id)
  }

  /// TMDB's responses by IMDb id, byte for byte as they were stored.
  /// - Throws: `DataFileError` if the bytes are not a data file of this encoding.
  package static func responses(
    in file: [UInt8], _ encoding: DataFileEncoding
  ) throws(DataFileError) -> [String: [UInt8]] {
    let content = try DataFileContent(file, encoding)
    var responses: [String: [UInt8]] = [:]
    for film in content.films { responses[film.id] = content.response(of: film) }
    return responses
  }

  /// The file's IMDb ids with the TMDB ids of the responses, in the order of the file. An id is nil if the response has
  /// none that an index can hold.
  /// - Throws: `DataFileError` if the bytes are not a data file of this encoding.
  package static func tmdbIDs(
    in file: [UInt8], _ encoding: DataFileEncoding
  ) throws(DataFileError) -> [(id: String, tmdbID: Int?)] {
    let content = try DataFileContent(file, encoding)
    return content.films.map { ($0.id, content.tmdbID(of: $0)) }
  }
}

/// A decompressed data file, from which films' responses are read one by one.
package struct DataFileContent: Sendable {
  package struct Film: Sendable {
    /// The IMDb id.
    package let id: String
    /// Where the content has the response: for `lines`, the part behind its opening brace.
    fileprivate let bytes: Range<Int>
    /// Where the content has an object with the response's members: for `lines`, the whole line.
    fileprivate let object: Range<Int>
  }

  private let format: FileFormat
  private let content: [UInt8]
  /// In the order of the file.
  package let films: [Film]

  /// Checks the syntax of the whole file.
  /// - Throws: `DataFileError` if the bytes are not a data file of this encoding.
  package init(_ file: [UInt8], _ encoding: DataFileEncoding) throws(DataFileError) {
    format = encoding.format
    content = try Self.content(of: file, encoding)
    films = try Self.films(in: content, encoding.format)
  }

  /// The decompressed size in bytes.
  package var count: Int { content.count }

  /// TMDB's response, byte for byte as it was stored.
  package func response(of film: Film) -> [UInt8] {
    switch format {
    case .object: Array(content[film.bytes])
    case .lines: [UInt8(ascii: "{")] + content[film.bytes]
    }
  }

  /// The TMDB id in the response; nil if it has none that an index can hold.
  package func tmdbID(of film: Film) -> Int? {
    content.withUnsafeBytes { CreditsID.read(UnsafeRawBufferPointer(rebasing: $0[film.object])) }
  }

  private static func content(
    of file: [UInt8], _ encoding: DataFileEncoding
  ) throws(DataFileError) -> [UInt8] {
    guard encoding.compression == .gzip else { return file }
    do { return try Gzip.decompress(file, bytesMax: DataFileIndex.contentBytesMax) } catch {
      throw DataFileError("it \(error)")
    }
  }

  private static func films(
    in content: [UInt8], _ format: FileFormat
  ) throws(DataFileError) -> [Film] {
    let films = content.withUnsafeBytes { bytes in
      Result { () throws(JSONError) in
        switch format {
        case .object: try members(in: bytes)
        case .lines: try lines(in: bytes)
        }
      }
    }
    do { return try films.get() } catch { throw DataFileError("it is \(error)") }
  }

  private static func members(in content: UnsafeRawBufferPointer) throws(JSONError) -> [Film] {
    var films: [Film] = []
    var members = try JSONObjectScanner(content)
    while let key = try members.nextKey() {
      let id = JSONString.decode(UnsafeRawBufferPointer(rebasing: content[key]))
      let value = try members.skipValueWithSpace()
      films.append(Film(id: id, bytes: value, object: value))
    }
    return films
  }

  private static func lines(in content: UnsafeRawBufferPointer) throws(JSONError) -> [Film] {
    var films: [Film] = []
    var start = 0
    while start < content.count {
      guard let end = content[start...].firstIndex(of: UInt8(ascii: "\n")) else {
        throw JSONError(at: content.count, "expected a line break at the end")
      }
      do {
        let line = try FilmLine.parse(UnsafeRawBufferPointer(rebasing: content[start..<end]))
        films.append(Film(id: line.id, bytes: start + line.restStart..<end, object: start..<end))
      } catch {
        throw JSONError(at: start + error.byte, error.reason)
      }
      start = end + 1
    }
    return films
  }
}

/// The content of an object is not that of a data file. The reason completes a sentence about the object.
package struct DataFileError: Error, Equatable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}
