/// A format that Elenco recognizes by its first bytes. Only gzip is read; the others are named in the refusal.
enum SourceFormat: Equatable, CaseIterable {
  case gzip, zip, bzip2, xz, zstd, lz4, sevenZip, rar, parquet, excel, utf16, utf32

  /// The number of bytes that are needed to recognize every format.
  static let signatureBytesMax = 10

  /// Recognizes a format; nil for anything else, including a text.
  /// - Parameter start: the first `signatureBytesMax` bytes, or all bytes of a shorter source.
  init?(start: [UInt8]) {
    let format = Self.allCases.first { format in
      format.signatures.contains { start.starts(with: $0) }
    }
    guard let found = format ?? (Self.isUTF16(start) ? .utf16 : nil) else { return nil }
    self = found
  }

  /// What the source is and what to do, the predicate of a sentence.
  var refusal: String {
    switch self {
    case .gzip: "is compressed by gzip twice. Compress the text only once."
    case .zip:
      "is a zip archive (an Excel workbook is one, too). Extract the text, or save the sheet as CSV UTF-8, and "
        + "upload that, as it is or compressed by gzip."
    case .bzip2: "is compressed by bzip2. \(Self.recompress("bzip2 -dc movies.csv.bz2"))"
    case .xz: "is compressed by xz. \(Self.recompress("xz -dc movies.csv.xz"))"
    case .zstd: "is compressed by zstd. \(Self.recompress("zstd -dc movies.csv.zst"))"
    case .lz4: "is compressed by lz4. \(Self.recompress("lz4 -dc movies.csv.lz4"))"
    case .sevenZip: "is a 7z archive. \(Self.extract)"
    case .rar: "is a rar archive. \(Self.extract)"
    case .parquet: "is a Parquet file. Export the columns of ids and genres as CSV and upload that."
    case .excel: "is an Excel workbook. Save the sheet as CSV UTF-8 and upload that."
    case .utf16: "is UTF-16 text. \(Self.convert("UTF-16"))"
    case .utf32: "is UTF-32 text. \(Self.convert("UTF-32"))"
    }
  }

  private static let extract = "Extract the text and upload that, as it is or compressed by gzip."

  private static func recompress(_ command: String) -> String {
    "Upload it compressed by gzip instead: \(command) | gzip > movies.csv.gz"
  }

  private static func convert(_ encoding: String) -> String {
    "Upload it as UTF-8 instead: iconv -f \(encoding) -t UTF-8 movies.csv > movies-utf8.csv"
  }

  /// The first bytes of the format, of which a text has at least one only in theory.
  private var signatures: [[UInt8]] {
    switch self {
    case .gzip: [[0x1F, 0x8B]]
    // A local file header, the end record of an empty archive, and a part of a divided archive.
    case .zip: [Array("PK\u{3}\u{4}".utf8), Array("PK\u{5}\u{6}".utf8), Array("PK\u{7}\u{8}".utf8)]
    // The level, then the magic number of a block or, in an empty file, that of the end.
    case .bzip2:
      (UInt8(ascii: "1")...UInt8(ascii: "9")).flatMap { level in
        [[0x31, 0x41, 0x59, 0x26, 0x53, 0x59], [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]]
          .map { Array("BZh".utf8) + [level] + $0 }
      }
    case .xz: [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]]
    // A frame, and the skippable frames that some programs put in front of it.
    case .zstd: [[0x28, 0xB5, 0x2F, 0xFD]] + (0x50...0x5F).map { [$0, 0x2A, 0x4D, 0x18] }
    case .lz4: [[0x04, 0x22, 0x4D, 0x18]]
    case .sevenZip: [[0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]]
    case .rar: [Array("Rar!\u{1A}\u{7}".utf8)]
    // The first page's header follows; its first byte is always the same.
    case .parquet: [Array("PAR1\u{15}".utf8)]
    case .excel: [[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]]
    // Little-endian UTF-32 also begins with the mark of UTF-16, so `isUTF16` looks for the latter afterwards.
    case .utf32: [[0xFF, 0xFE, 0x00, 0x00], [0x00, 0x00, 0xFE, 0xFF]]
    case .utf16: []
    }
  }

  /// Whether a text begins with the byte order mark of UTF-16, or with two ASCII characters in UTF-16.
  private static func isUTF16(_ start: [UInt8]) -> Bool {
    if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) { return true }
    guard start.count >= 4 else { return false }
    let isZero = start.prefix(4).map { $0 == 0 }
    return isZero == [false, true, false, true] || isZero == [true, false, true, false]
  }
}
