import Foundation
import TestSupport
import Testing

@testable import Dispatcher

@Suite(
  "Full-size source",
  .enabled(if: SharedData.has("movies/movies-reconstructed.csv.gz"), "\(SharedData.missing)"))
struct FullSizeSourceTests {
  @Test("the scan selects the same films as awk, in the order of the input")
  func selection() throws {
    let folder = try #require(SharedData.folder)
    let path = folder.appending(path: "movies/movies-reconstructed.csv.gz").path
    let script =
      #"gzip -dc "$0" | awk -F'|' 'NR>1 && !seen[$1]++ {n++; if ($6=="Drama"||$6=="Romance"||$6=="Drama,Romance") print $1} END {print n}'"#
    var expected = try ChildProcess.run("/bin/sh", ["-c", script, path]).split(separator: "\n").map(
      String.init)
    let films = try #require(expected.popLast().flatMap { Int($0) })
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    let source = SourceScan(SelectionCriteria(genres: ["Drama", "Romance"]))
    while let chunk = try file.read(upToCount: 1 << 18), !chunk.isEmpty {
      try chunk.withUnsafeBytes { try source.consume($0) }
    }
    let found = try source.finish()
    #expect(found.selected.count == 59_004)
    #expect(found.selected == expected)
    #expect(found.films == films)
    #expect(found.films == 244_543)
    #expect(found.rows == 1_045_116)
    #expect(found.skipped == 0)
  }
}
