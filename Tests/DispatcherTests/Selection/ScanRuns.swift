import Foundation
import Shared
import TestSupport

@testable import Dispatcher

/// The result of a scan.
struct ScanResult: Equatable {
  var films: [String]
  var rows: Int
  var distinct: Int
  var skipped: Int
  var genresWithoutFilms: [String] = []
}

/// Scans plain or gzip bytes in the given chunks.
func scan(_ chunks: [[UInt8]], _ criteria: SelectionCriteria) throws -> MovieScan {
  let source = SourceScan(criteria)
  for chunk in chunks { try chunk.withUnsafeBytes { try source.consume($0) } }
  return try source.finish()
}

func scan(
  _ chunks: [[UInt8]], genres: [String] = ["Drama", "Romance"], match: DispatcherEvent.Match = .within
) throws -> ScanResult {
  let scan = try scan(chunks, SelectionCriteria(genres: genres, match: match))
  return ScanResult(
    films: scan.selected, rows: scan.rows, distinct: scan.films, skipped: scan.skipped,
    genresWithoutFilms: scan.genresWithoutFilms)
}

func scan(
  _ text: String, genres: [String] = ["Drama", "Romance"], match: DispatcherEvent.Match = .within
) throws -> ScanResult {
  try scan([Array(text.utf8)], genres: genres, match: match)
}

/// Divides bytes into chunks of a size.
func chunks(_ bytes: [UInt8], of size: Int) -> [[UInt8]] {
  stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min(bytes.count, $0 + size)]) }
}

/// Compresses bytes with the gzip program.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
  let folder = try TemporaryFolder()
  try Data(bytes).write(to: URL(filePath: folder.path + "/text"))
  try ChildProcess.run("/bin/gzip", ["-n", folder.path + "/text"])
  return Array(try Data(contentsOf: URL(filePath: folder.path + "/text.gz")))
}

/// Returns what a Python expression evaluates to: bytes.
func python(_ expression: String) throws -> [UInt8] {
  let folder = try TemporaryFolder()
  let file = folder.path + "/bytes"
  let script = "import bz2, io, lzma, sys, zipfile\nopen(sys.argv[1], 'wb').write(\(expression))"
  try ChildProcess.run("/usr/bin/env", ["python3", "-c", script, file])
  return Array(try Data(contentsOf: URL(filePath: file)))
}
