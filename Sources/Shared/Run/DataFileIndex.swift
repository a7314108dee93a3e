/// Reads the films of a data file.
package enum DataFileIndex {
  /// The most bytes of a decompressed data file: as many as a response of S3 may have.
  package static let contentBytesMax = 64 << 20

  /// The file's IMDb ids, in the order of the file. Checks the syntax of the whole file.
  /// - Throws: `DataFileError` if the bytes are not a data file of this encoding.
  package static func filmIDs(
    in file: [UInt8], _ encoding: DataFileEncoding
  ) throws(DataFileError) -> [String] {
    let content = try content(of: file, encoding)
    return try films(in: content, encoding.format).map(\.id)
  }

  /// TMDB's responses by IMDb id, byte for byte as they were stored.
  /// - Throws: `DataFileError` if the bytes are not a data file of this encoding.
  package static func responses(
    in file: [UInt8], _ encoding: DataFileEncoding
  ) throws(DataFileError) -> [String: [UInt8]] {
    let content = try content(of: file, encoding)
    var responses: [String: [UInt8]] = [:]
    for film in try films(in: content, encoding.format) {
      let bytes = content[film.bytes]
      switch encoding.format {
      case .object: responses[film.id] = Array(bytes)
      case .lines: responses[film.id] = [UInt8(ascii: "{")] + bytes
      }
    }
    return responses
  }

  private struct Film {
    let id: String
    /// Where the content has the response: for `lines`, the part behind its opening brace.
    let bytes: Range<Int>
  }

  private static func content(
    of file: [UInt8], _ encoding: DataFileEncoding
  ) throws(DataFileError) -> [UInt8] {
    guard encoding.compression == .gzip else { return file }
    do { return try Gzip.decompress(file, bytesMax: contentBytesMax) } catch {
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
      films.append(Film(id: id, bytes: try members.skipValueWithSpace()))
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
        films.append(Film(id: line.id, bytes: start + line.restStart..<end))
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

  init(_ reason: String) { self.reason = reason }
}
