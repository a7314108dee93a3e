import Shared
import TestSupport
import Testing

@testable import Dispatcher

/// Scans of random sources that are written from known fields, quoted by RFC 4180.
@Suite("Quoted rows")
struct QuotedRowsTests {
  @Test("rows are read in chunks of any size as the fields they were written from", arguments: 1...40)
  func fields(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let films = (0..<60).map { "tt\(1_000_000 + $0)" }
    var (text, selected) = ("title,id,genero,note\n", [String]())
    for film in films {
      let isDrama = Bool.random(using: &random)
      if isDrama || film == films.last { selected.append(film) }
      let genero = isDrama || film == films.last ? "Drama" : "Comedy,Drama"
      let fields = [Self.randomText(&random), film, genero, Self.randomText(&random)]
      text += fields.map { Self.quoted($0, &random) }.joined(separator: ",")
      text += Bool.random(using: &random) ? "\n" : "\r\n"
    }
    let bytes = Array(text.utf8)
    for size in [1, 2, 3, 7, 16, 33, 100, 1_000, bytes.count] {
      let source = SourceScan(SelectionCriteria(genres: ["Drama"]))
      for start in stride(from: 0, to: bytes.count, by: size) {
        try bytes[start..<min(bytes.count, start + size)].withUnsafeBytes { try source.consume($0) }
      }
      let scan = try source.finish()
      #expect(scan.selected == selected, "seed \(seed), chunks of \(size)")
      #expect(scan.rows == films.count && scan.films == films.count && scan.skipped == 0)
    }
  }

  private static func randomText(_ random: inout SeededRandom) -> String {
    let parts = ["a", "\"", "\"\"", ",", "\n", "\r\n", "tt1000003", "Drama", " ", "x,\"y\"\n"]
    return (0..<Int.random(in: 0...5, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
      .joined()
  }

  /// A field with quotes where it needs them, and sometimes where it does not.
  private static func quoted(_ field: String, _ random: inout SeededRandom) -> String {
    let isPlain = !field.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
    if isPlain, Bool.random(using: &random) { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
