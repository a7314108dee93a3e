/// How a data file holds its films.
package enum FileFormat: String, Codable, CaseIterable, Sendable {
  /// One JSON object, from IMDb id to TMDB's response.
  case object
  /// JSON Lines: one film per line, an object that begins with the IMDb id. See `FilmLine`.
  case lines
}

/// How a data file is compressed.
package enum FileCompression: String, Codable, CaseIterable, Sendable {
  case uncompressed = "none"
  case gzip
}

/// The format and the compression of a run's data files. The ending of their keys tells them.
package struct DataFileEncoding: Equatable, Hashable, Sendable, CaseIterable {
  package let format: FileFormat
  package let compression: FileCompression

  package init(_ format: FileFormat = .object, _ compression: FileCompression = .uncompressed) {
    self.format = format
    self.compression = compression
  }

  package static let allCases = FileFormat.allCases.flatMap { format in
    FileCompression.allCases.map { DataFileEncoding(format, $0) }
  }

  /// The encoding of the data file with this key; nil if the ending is not one of a data file.
  package init?(key: some StringProtocol) {
    let name = key.split(separator: "/").last ?? ""
    guard let dot = name.firstIndex(of: "."),
      let encoding = Self.allCases.first(where: { $0.ending == name[dot...] })
    else { return nil }
    self = encoding
  }

  /// The ending of the key: `.json`, `.jsonl`, `.json.gz` or `.jsonl.gz`.
  package var ending: String {
    (format == .object ? ".json" : ".jsonl") + (compression == .gzip ? ".gz" : "")
  }

  /// The Content-Type of the object in S3. There is never a Content-Encoding: with it, some clients would decompress
  /// the file while they download it, so that it no longer had its ending's format, its size and its SHA-256.
  package var contentType: String {
    switch (compression, format) {
    case (.gzip, _): "application/gzip"
    case (.uncompressed, .object): "application/json"
    case (.uncompressed, .lines): "application/jsonl"
    }
  }
}

extension EventFields {
  /// Reads the fields `format` and `compression`. A missing one takes its default.
  mutating func encoding(defaults: DataFileEncoding = DataFileEncoding()) throws(EventError)
    -> DataFileEncoding
  {
    DataFileEncoding(
      try choice("format", FileFormat.self) ?? defaults.format,
      try choice("compression", FileCompression.self) ?? defaults.compression)
  }
}
