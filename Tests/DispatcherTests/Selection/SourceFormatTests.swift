import Testing

@testable import Dispatcher

@Suite("Source formats")
struct SourceFormatTests {
  private static let text = "b'id|genero\\ntt0000001|Drama\\n'"

  @Test(
    "a file that another program wrote is refused by the name of its format, in chunks of any size",
    arguments: [
      ("'id|genero\\ntt0000001|Drama\\n'.encode('utf-16')", SourceFormat.utf16),
      ("b'\\xfe\\xff' + 'id|genero\\ntt0000001|Drama\\n'.encode('utf-16-be')", .utf16),
      ("'id|genero\\ntt0000001|Drama\\n'.encode('utf-16-le')", .utf16),
      ("'gênero;id\\nDrama;tt0000001\\n'.encode('utf-16-be')", .utf16),
      ("'id|genero\\ntt0000001|Drama\\n'.encode('utf-32')", .utf32),
      ("b'\\0\\0\\xfe\\xff' + 'id|genero\\n'.encode('utf-32-be')", .utf32),
      ("bz2.compress(\(text))", .bzip2), ("bz2.compress(b'', 1)", .bzip2), ("lzma.compress(\(text))", .xz),
      (
        "(lambda f: (zipfile.ZipFile(f, 'w').writestr('movies.csv', \(text)), f.getvalue())[1])(io.BytesIO())",
        .zip
      ),
      ("(lambda f: (zipfile.ZipFile(f, 'w').close(), f.getvalue())[1])(io.BytesIO())", .zip),
    ])
  func written(expression: String, format: SourceFormat) throws {
    let bytes = try python(expression)
    let expected = SelectionError.unsupportedFormat(format)
    for cut in 0...min(bytes.count, 20) {
      #expect(throws: expected) { try scan([Array(bytes[..<cut]), Array(bytes[cut...])]) }
    }
    #expect(throws: expected) { try scan(chunks(bytes, of: 1)) }
    // The same inside gzip data.
    let packed = try gzip(bytes)
    #expect(throws: expected) { try scan([packed]) }
    #expect(throws: expected) { try scan(chunks(packed, of: 1)) }
  }

  // The magic numbers as their specifications give them, for formats that Python does not write: RFC 8878, the LZ4 frame
  // format, 7zFormat.txt, RAR's technical note, Parquet's README, and [MS-CFB].
  @Test(
    "a file is refused by the magic number of its format",
    arguments: [
      ([0x28, 0xB5, 0x2F, 0xFD], SourceFormat.zstd), ([0x50, 0x2A, 0x4D, 0x18], .zstd),
      ([0x5F, 0x2A, 0x4D, 0x18], .zstd), ([0x04, 0x22, 0x4D, 0x18], .lz4),
      ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .sevenZip),
      ([0x52, 0x61, 0x72, 0x21, 0x1A, 0x07, 0x01, 0x00], .rar),
      ([0x50, 0x41, 0x52, 0x31, 0x15, 0x04], .parquet),
      ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], .excel),
    ])
  func magicNumber(start: [UInt8], format: SourceFormat) {
    for rest in [[], Array("id|genero\ntt0000001|Drama\n".utf8)] {
      #expect(throws: SelectionError.unsupportedFormat(format)) { try scan([start + rest]) }
      #expect(throws: SelectionError.unsupportedFormat(format)) { try scan(chunks(start + rest, of: 1)) }
    }
  }

  @Test("data that is compressed by gzip twice is refused")
  func gzipTwice() throws {
    let packed = try gzip(try gzip(Array("id|genero\ntt0000001|Drama\n".utf8)))
    #expect(throws: SelectionError.unsupportedFormat(.gzip)) { try scan([packed]) }
    #expect(throws: SelectionError.unsupportedFormat(.gzip)) { try scan(chunks(packed, of: 1)) }
  }

  @Test(
    "a text whose first column has a name that resembles a magic number is read",
    arguments: ["PAR1", "BZh9", "PK", "Rar!", "7z", "\u{FEFF}PK"])
  func resembles(name: String) throws {
    #expect(try scan("\(name)|id|genero\nx|tt0000001|Drama\n").films == ["tt0000001"])
  }

  @Test("every refusal names the format and says what to do")
  func sentences() {
    for (format, words) in [
      (SourceFormat.utf16, ["UTF-16", "iconv -f UTF-16 -t UTF-8"]), (.utf32, ["UTF-32", "iconv -f UTF-32"]),
      (.zip, ["zip archive", "Extract"]), (.bzip2, ["bzip2", "bzip2 -dc", "| gzip >"]),
      (.xz, ["xz -dc", "| gzip >"]),
      (.zstd, ["zstd -dc", "| gzip >"]), (.lz4, ["lz4 -dc", "| gzip >"]),
      (.sevenZip, ["7z archive", "Extract"]),
      (.rar, ["rar archive", "Extract"]), (.parquet, ["Parquet", "as CSV"]),
      (.excel, ["Excel", "CSV UTF-8"]),
      (.gzip, ["twice", "only once"]),
    ] {
      let sentence = "\(SelectionError.unsupportedFormat(format))"
      for word in words { #expect(sentence.contains(word)) }
    }
  }
}
