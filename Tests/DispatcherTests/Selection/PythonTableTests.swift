import Foundation
import Shared
import TestSupport
import Testing

@testable import Dispatcher

/// Scans of random tables in random dialects, compared with the selection that Python makes.
@Suite("Random tables")
struct PythonTableTests {
  @Test("a table is read in chunks of any size as by Python's csv module", arguments: 1...60)
  func tables(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var table = RandomTable(&random)
    let text = table.text(&random)
    let folder = try TemporaryFolder()
    let path = try folder.write("table.csv", text)
    let expected = try PythonSelection.select(path, separator: table.separator, table.criteria)
    #expect(expected.films.last == "tt9999999")
    let bytes = Array(text.utf8)
    let packed = try gzip(bytes)
    for size in [1, 2, 3, 7, 16, 63, 64, 65, 100, 1_000, bytes.count] {
      for source in [bytes, packed] {
        let found = try scan(chunks(source, of: size), table.criteria)
        let result = ScanResult(
          films: found.selected, rows: found.rows, distinct: found.films, skipped: found.skipped,
          // The order of this list means nothing.
          genresWithoutFilms: expected.genresWithoutFilms.filter(found.genresWithoutFilms.contains))
        #expect(found.genresWithoutFilms.count == expected.genresWithoutFilms.count)
        #expect(result == expected, "seed \(seed), chunks of \(size)")
      }
    }
  }
}

/// A random table: its dialect, its columns, and what is selected from it.
private struct RandomTable {
  let separator: String
  let lineBreak: String
  let header: [String]
  let idColumn: Int
  let genresColumn: Int
  let typeColumn: Int?
  var criteria: SelectionCriteria

  private var isQuoted: Bool { separator == "," || separator == ";" }

  init(_ random: inout SeededRandom) {
    separator = random.pick(["|", "\t", ";", ","])
    lineBreak = random.pick(["\n", "\r\n", "\r"])
    var header = (0..<Int.random(in: 2...7, using: &random)).map { "column \($0)" }
    var positions = Array(header.indices)
    // IMDb's ids come first in most files, and rows of one film are then skipped in another way.
    if Bool.random(using: &random) {
      positions[1...].shuffle(using: &random)
    } else {
      positions.shuffle(using: &random)
    }
    (idColumn, genresColumn) = (positions[0], positions[1])
    typeColumn = positions.count > 2 && Bool.random(using: &random) ? positions[2] : nil
    header[idColumn] = random.pick(["id", "ID", "tconst", "Const", "imdb_id", "IMDbID"])
    header[genresColumn] = random.pick(
      [
        "genero", "GENERO", "gênero", "GÊNERO", "ge\u{302}nero", "GE\u{302}NERO", "Generos", "genre",
        "Genres",
      ])
    if let typeColumn { header[typeColumn] = random.pick(["titleType", "TITLETYPE", "titletype"]) }
    self.header = header
    criteria = SelectionCriteria(
      genres: random.pick([
        ["Drama", "Romance"], ["drama"], ["Ação", " COMEDY "], ["Reality-TV", "Science Fiction and Fantasy"],
      ]),
      match: random.pick([.within, .any, .all]),
      titleTypes: random.pick([["movie"], ["MOVIE", "tvMovie"]]))
    // Sometimes the event names the columns, and may spell them in another case.
    if Bool.random(using: &random) { criteria.columns.id = header[idColumn].uppercased() }
    if Bool.random(using: &random) { criteria.columns.genres = header[genresColumn] }
  }

  mutating func text(_ random: inout SeededRandom) -> String {
    var lines = [header.map { line(random.spaced($0), &random) }.joined(separator: separator)]
    var id = "tt0000001"
    for row in 0..<Int.random(in: 20...120, using: &random) {
      if Int.random(in: 0..<3, using: &random) > 0 {
        id = "tt\(1_000_000 + Int.random(in: 0...40, using: &random))"
      }
      var fields = header.map { _ in otherField(&random) }
      fields[genresColumn] = genres(&random)
      fields[idColumn] = random.spaced(id)
      if let typeColumn {
        fields[typeColumn] = random.spaced(
          random.pick(["movie", "movie", "Movie", "tvMovie", "short", "video", "tvEpisode", "\\N", ""]))
      }
      // A row that cannot be read has an id of its own, because the rows that repeat a film's id are not checked.
      switch Int.random(in: 0..<20, using: &random) {
      case 0: fields[idColumn] = random.pick(["", "nm0000001", "tt12", "tt00000x\(row)", "1\(row)"])
      case 1:
        fields[idColumn] = "tt\(2_000_000 + row)"
        fields.append("x")
      case 2:
        fields[idColumn] = "tt\(2_000_000 + row)"
        fields.removeLast()
      default: break
      }
      lines.append(fields.map { line($0, &random) }.joined(separator: separator))
      if Int.random(in: 0..<15, using: &random) == 0 { lines.append("") }
    }
    var last = header.map { _ in "" }
    last[idColumn] = "tt9999999"
    last[genresColumn] = criteria.genres.joined(separator: ",")
    if let typeColumn { last[typeColumn] = criteria.titleTypes[0] }
    lines.append(last.map { line($0, &random) }.joined(separator: separator))
    let end = Bool.random(using: &random) ? lineBreak : ""
    return (Bool.random(using: &random) ? "\u{FEFF}" : "") + lines.joined(separator: lineBreak) + end
  }

  private func genres(_ random: inout SeededRandom) -> String {
    let names = [
      "Drama", "Romance", "Comedy", "Ação", "ac\u{327}a\u{303}o", "AÇÃO", "Dramas", "Reality-TV",
      "reality-tw",
      "Science Fiction and Fantasy", "SCIENCE FICTION AND FANTASY", "Science Fiction or  Fantasy", "", "\\N",
    ]
    let mark = separator != "|" && Bool.random(using: &random) ? "|" : ","
    return (0..<random.pick([1, 1, 2, 3])).map { _ in
      let name = random.pick(names)
      return random.spaced(random.pick([name, name, name.uppercased(), name.lowercased()]))
    }.joined(separator: mark)
  }

  /// A field of a column that the scan ignores.
  private func otherField(_ random: inout SeededRandom) -> String {
    var pieces = [
      "a", "\"", " ", "é", "tt1000003", "Drama", ",", ";", "|", "\t", String(repeating: "z", count: 70),
    ]
    if isQuoted {
      // A text without LF is one whose lines end with CR.
      pieces += lineBreak == "\r" ? ["\r"] : ["\n", "\r\n"]
    } else {
      pieces.removeAll { $0 == separator }
    }
    return (0..<Int.random(in: 0...4, using: &random)).map { _ in random.pick(pieces) }.joined()
  }

  /// A field as the dialect writes it: with quotes where it needs them, and sometimes where it does not.
  private func line(_ field: String, _ random: inout SeededRandom) -> String {
    guard isQuoted else { return field }
    let isPlain = !field.unicodeScalars.contains { "\"\r\n\(separator)".unicodeScalars.contains($0) }
    if isPlain, Bool.random(using: &random) { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}

extension SeededRandom {
  fileprivate mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: values.indices, using: &self)]
  }

  /// The text with spaces around it, or none.
  fileprivate mutating func spaced(_ text: String) -> String {
    pick(["", "", "", " ", "  "]) + text + pick(["", "", "", " ", "   "])
  }
}
