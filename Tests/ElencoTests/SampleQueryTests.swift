import Foundation
import TestSupport
import Testing

@testable import Elenco

@Suite("Sample query") struct SampleQueryTests {
  private static let prefix = "Raw/TMDB/JSON/Atores/2026/11/27/Atores-T0-"

  @Test(
    "it reads the run's folder, with the ending of its files",
    arguments: ["jsonl", "jsonl.gz"])
  func pattern(ending: String) throws {
    let files = [1, 2].map { "\(Self.prefix)\($0).\(ending)" }
    let query = try #require(SampleQuery(files: files, copiedTo: "/home/me/out"))
    #expect(query.sql.contains("read_json('/home/me/out/Raw/TMDB/JSON/Atores/2026/11/27/*.\(ending)')"))
    #expect(query.sql.hasSuffix(";") && !query.sql.contains("\n"))
  }

  @Test("there is none for files that are one JSON object, or without files", arguments: ["json", "json.gz"])
  func object(ending: String) {
    #expect(SampleQuery(files: ["\(Self.prefix)1.\(ending)"], copiedTo: "/out") == nil)
    #expect(SampleQuery(files: [], copiedTo: "/out") == nil)
  }

  @Test(
    "DuckDB finds files whatever the folder's name is",
    .enabled(if: QueryTools.areInstalled, "DuckDB is missing from .venv; `make test` installs it"),
    arguments: ["plain", "it's", "a [b] *c? d", "über"])
  func anyFolder(name: String) throws {
    let folder = try TemporaryFolder()
    let out = folder.path + "/" + name
    let key = "p/2026/11/27/Atores-T0-1.jsonl"
    try FileManager.default.createDirectory(
      atPath: out + "/p/2026/11/27", withIntermediateDirectories: true)
    let film = #"{"imdb_id":"tt0000009","id":1,"cast":[{"name":"Ana Lima"},{"name":"Ana Lima"}],"crew":[]}"#
    try Data((film + "\n").utf8).write(to: URL(filePath: out + "/" + key))
    let path = try #require(SampleQuery.absolutePath(out))
    let query = try #require(SampleQuery(files: [key], copiedTo: path))
    #expect(try QueryTools.duckDB(query.sql) == [["Ana Lima", "2"]])
  }
}
