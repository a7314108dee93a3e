import Foundation
import Shared
import TestSupport
import Testing

@testable import Dispatcher
@testable import StandIn

/// A scan of a generated movies.csv with as many films and rows as the real one, compared with awk and with Python's csv
/// module.
@Suite("Full-size generated source", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct GeneratedSourceTests {
  @Test(
    "the scan selects the same films as awk and as Python, in the order of the input, plain and compressed")
  func selection() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/movies.csv"
    try MoviesCommand.run(films: MovieCounts.full.films, path: path)
    let criteria = SelectionCriteria(genres: ["Drama", "Romance"])

    let script = #"NR>1 && !seen[$1]++ && ($6=="Drama"||$6=="Romance"||$6=="Drama,Romance") {print $1}"#
    let selected = try ChildProcess.run("/usr/bin/awk", ["-F|", script, path])
    let expected = try PythonSelection.select(path, separator: "|", criteria)
    #expect(expected.films == selected.split(separator: "\n").map(String.init))
    #expect(expected.films.count == 59_004)
    #expect((expected.distinct, expected.rows, expected.skipped) == (244_543, 1_045_116, 0))

    // A size at which chunks end at every place of a row.
    #expect(try scan(path, criteria, chunkBytes: 65_537) == expected)
    try ChildProcess.run("/bin/gzip", ["-1", path])
    #expect(try scan(path + ".gz", criteria, chunkBytes: 1 << 18) == expected)
  }

  private func scan(_ path: String, _ criteria: SelectionCriteria, chunkBytes: Int) throws -> ScanResult {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    let source = SourceScan(criteria)
    while let chunk = try file.read(upToCount: chunkBytes), !chunk.isEmpty {
      try chunk.withUnsafeBytes { try source.consume($0) }
    }
    let found = try source.finish()
    return ScanResult(
      films: found.selected, rows: found.rows, distinct: found.films, skipped: found.skipped,
      genresWithoutFilms: found.genresWithoutFilms)
  }
}
