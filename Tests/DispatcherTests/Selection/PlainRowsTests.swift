import Shared
import TestSupport
import Testing

@testable import Dispatcher

/// Compares scans of random unquoted sources with the results of a simple model that works on strings.
@Suite("Plain rows")
struct PlainRowsTests {
  private struct Outcome: Equatable {
    var films: [String] = []
    var rows = 0
    var distinct = 0
    var skipped: [Int] = []
  }

  @Test("rows are read in chunks of any size as if split at line breaks and separators", arguments: 1...40)
  func strings(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let (text, expected) = Self.source(&random)
    let bytes = Array(text.utf8)
    for size in [1, 2, 3, 9, 16, 17, 40, 64, 65, 100, 1_000, bytes.count] {
      let source = SourceScan(SelectionCriteria(genres: ["Drama"]))
      for start in stride(from: 0, to: bytes.count, by: size) {
        try bytes[start..<min(bytes.count, start + size)].withUnsafeBytes { try source.consume($0) }
      }
      let scan = try source.finish()
      // "row 7: it has …"
      let skipped = scan.firstSkipped.compactMap { Int($0.dropFirst(4).prefix { $0 != ":" }) }
      #expect(scan.skipped == expected.skipped.count)
      #expect(skipped == Array(expected.skipped.prefix(5)))
      #expect(
        Outcome(films: scan.selected, rows: scan.rows, distinct: scan.films, skipped: expected.skipped)
          == expected, "seed \(seed), chunks of \(size)")
    }
  }

  private static func source(_ random: inout SeededRandom) -> (text: String, Outcome) {
    let columns = Int.random(in: 2...12, using: &random)
    let positions = (0..<columns).shuffled(using: &random)
    let (idColumn, generoColumn) =
      Bool.random(using: &random) ? (0, columns - 1) : (positions[0], positions[1])
    var header = (0..<columns).map { "column\($0)" }
    (header[idColumn], header[generoColumn]) = ("id", "genero")
    let separator = Bool.random(using: &random) ? "|" : "\t"
    let lineBreak = Bool.random(using: &random) ? "\n" : "\r\n"

    var lines = [header.joined(separator: separator)]
    var outcome = Outcome()
    var (seen, last): (Set<String>, String) = ([], "none")
    var id = "tt0000001"
    for _ in 0..<200 {
      if Int.random(in: 0..<3, using: &random) == 0 { id = Self.id(&random) }
      var fields = (0..<columns).map { _ in
        // Other columns may contain the id too, so that a chunk can begin with it in the middle of a row.
        [id, "", "x", String(repeating: "y", count: 20), String(repeating: "z", count: 90)]
          .randomElement(using: &random) ?? ""
      }
      let genero = ["Drama", "Comedy", "\\N"].randomElement(using: &random) ?? ""
      (fields[idColumn], fields[generoColumn]) = (id, genero)
      switch Int.random(in: 0..<12, using: &random) {
      case 0: fields.removeLast()
      case 1: fields.append("x")
      case 2: fields[idColumn] = "nm1234567"
      default: break
      }
      let line = fields.joined(separator: separator)
      lines.append(line)
      outcome.rows += line.isEmpty ? 0 : 1
      if line.isEmpty || (idColumn == 0 && line.hasPrefix(last + separator)) { continue }
      guard fields.count <= columns, fields.count > max(idColumn, generoColumn), fields[idColumn] == id
      else {
        outcome.skipped.append(lines.count)
        continue
      }
      last = id
      if seen.insert(id).inserted, genero == "Drama" { outcome.films.append(id) }
    }
    // One film that is always selected, because a scan that selects nothing is an error.
    lines.append(
      (0..<columns).map { $0 == idColumn ? "tt9999999" : $0 == generoColumn ? "Drama" : "" }
        .joined(separator: separator))
    outcome.rows += 1
    outcome.films.append("tt9999999")
    outcome.distinct = seen.count + 1
    return (lines.joined(separator: lineBreak), outcome)
  }

  /// An id of 7 to 10 digits. There are so few numbers that ids repeat, or differ only in their length.
  private static func id(_ random: inout SeededRandom) -> String {
    let digits = String([1, 12, 123, 255, 256, 999_999].randomElement(using: &random) ?? 1)
    let length = Int.random(in: 7...10, using: &random)
    return "tt" + String(repeating: "0", count: length - digits.count) + digits
  }
}
