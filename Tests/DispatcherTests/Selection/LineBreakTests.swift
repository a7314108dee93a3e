import Testing

@testable import Dispatcher

@Suite("Line breaks")
struct LineBreakTests {
  static let a = "tt0000001", b = "tt0000002"

  @Test(
    "CR ends a line where a source has no LF, however it is divided into chunks",
    arguments: [
      ("pipes", "id|genero\r\(a)|Drama\r\(a)|Comedy\r\(b)|Romance\r", [a, b], 3),
      ("no line break at the end", "id|genero\r\(a)|Drama", [a], 1),
      ("empty lines", "\r\rid|genero\r\r\(a)|Drama\r\r", [a], 1),
      ("a byte order mark", "\u{FEFF}id|genero\r\(a)|Drama\r", [a], 1),
      ("quoted fields with CR", "t,id,genero\r\"x\ry\",\(a),Drama\r\"\r\",\(b),Comedy\r", [a], 2),
      (
        "CR is part of a field where there is LF", "id|t|genero\n\(a)|x\ry|Drama\n\(b)|\r|Drama\n", [a, b], 2
      ),
      ("CR LF", "id|genero\r\n\(a)|Drama\r\n", [a], 1),
    ])
  func lines(name: String, text: String, films: [String], rows: Int) throws {
    let bytes = Array(text.utf8)
    let whole = try scan([bytes])
    #expect((whole.films, whole.rows, whole.skipped) == (films, rows, 0))
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let split = [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])]
        #expect(try scan(split) == whole, "\(name), cut at \(first) and \(second)")
      }
    }
    let packed = try gzip(bytes)
    #expect(try scan(chunks(packed, of: 1)) == whole)
  }

  @Test("a source of several megabytes whose lines end with CR is read in chunks of any size")
  func large() throws {
    let films = (0..<60_000).map { "tt\(1_000_000 + $0)" }
    let text = (["id|t|genero"] + films.map { "\($0)|\(String(repeating: "x", count: 30))|Drama" }).joined(
      separator: "\r")
    let bytes = Array(text.utf8)
    #expect(bytes.count > 2 * RowSplitter.rowBytesMax)
    for size in [997, 1 << 16, RowSplitter.rowBytesMax, RowSplitter.rowBytesMax + 1, bytes.count] {
      #expect(try scan(chunks(bytes, of: size)).films == films, "chunks of \(size)")
    }
  }

  @Test("the longest header is read with LF and with CR, and a header of one byte more is refused")
  func window() throws {
    for lineBreak in ["\n", "\r"] {
      for (excess, isRead) in [(-1, true), (0, true), (1, false)] {
        let name = String(repeating: "x", count: RowSplitter.rowBytesMax - "id|genero|".utf8.count + excess)
        let bytes = Array("id|genero|\(name)\(lineBreak)\(Self.a)|Drama|\(lineBreak)".utf8)
        for size in [4_099, bytes.count] {
          if isRead {
            #expect(try scan(chunks(bytes, of: size)).films == [Self.a])
          } else {
            let tooLong = SelectionError.rowTooLong(row: 1, bytesMax: RowSplitter.rowBytesMax)
            #expect(throws: tooLong) { try scan(chunks(bytes, of: size)) as ScanResult }
          }
        }
      }
    }
  }
}
