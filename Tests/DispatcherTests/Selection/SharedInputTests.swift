import Foundation
import Shared
import TestSupport
import Testing

@testable import Dispatcher

/// Scans of small files in the formats that other programs write. `PythonTableTests` and `SourceFormatTests` check the
/// same formats with files of their own.
@Suite("Recorded sources", .enabled(if: SharedData.has("inputs"), "\(SharedData.missing)"))
struct SharedInputTests {
  private func path(_ name: String) throws -> String {
    try #require(SharedData.folder).appending(path: "inputs/\(name)").path
  }

  @Test(
    "a source is read, however it is divided into chunks, as by Python's csv module",
    arguments: [
      ("english-names.csv", ","), ("upper-case-header.csv", "|"), ("lower-case-genres.csv", "|"),
      ("spaces-in-genres.csv", ","), ("old-mac-line-ends.csv", "|"), ("title.basics.tsv.gz", "\t"),
    ], [DispatcherEvent.Match.within, .any, .all])
  func readable(file: (name: String, separator: String), match: DispatcherEvent.Match) throws {
    let path = try path(file.name)
    var criteria = SelectionCriteria(genres: ["Drama", "Romance"], match: match)
    // "all" would select nothing from a file in which no film has both genres.
    if match == .all { criteria.genres = ["DRAMA "] }
    let expected = try PythonSelection.select(path, separator: file.separator, criteria)
    #expect(!expected.films.isEmpty && expected.skipped == 0)
    let bytes = Array(try Data(contentsOf: URL(filePath: path)))
    let splits =
      (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] } + [chunks(bytes, of: 1)]
    for split in splits {
      let found = try scan(split, criteria)
      #expect(
        ScanResult(
          films: found.selected, rows: found.rows, distinct: found.films, skipped: found.skipped,
          genresWithoutFilms: found.genresWithoutFilms) == expected, "first chunk of \(split[0].count) bytes")
    }
  }

  @Test(
    "a source in another format is refused by its name, however it is divided into chunks",
    arguments: [("utf-16.csv", SourceFormat.utf16), ("not-a-csv.zip", .zip)])
  func refused(name: String, format: SourceFormat) throws {
    let bytes = Array(try Data(contentsOf: URL(filePath: try path(name))))
    for cut in 0...bytes.count {
      #expect(throws: SelectionError.unsupportedFormat(format)) {
        try scan([Array(bytes[..<cut]), Array(bytes[cut...])])
      }
    }
    #expect(throws: SelectionError.unsupportedFormat(format)) { try scan(chunks(bytes, of: 1)) }
  }
}
