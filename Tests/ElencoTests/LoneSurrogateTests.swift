import Foundation
import TestSupport
import Testing

@Suite(
  "Data files with half of a surrogate pair",
  .enabled(if: QueryTools.areInstalled, "the tools are missing from .venv; `make test` installs them"))
struct LoneSurrogateTests {
  private static let names = [
    "Ana \\u0026 Rui", "half \\ud83d", "whole \\ud83d\\ude00", "other half \\ude00.", "Zoë",
  ]
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let lines = Self.names.enumerated().map { index, name in
      #"{"imdb_id":"tt000000\#(index)","id":\#(index),"cast":[{"name":"\#(name)"}],"crew":[]}"#
    }
    try FileManager.default.createDirectory(atPath: folder.path + "/files", withIntermediateDirectories: true)
    _ = try folder.write("files/a.jsonl", lines.joined(separator: "\n") + "\n")
  }

  @Test("DuckDB refuses the file, and reads the other films with ignore_errors")
  func duckDB() throws {
    let error = #expect(throws: ChildProcess.Failed.self) {
      try QueryTools.duckDB("SELECT imdb_id FROM read_json('\(folder.path)/files/*.jsonl')")
    }
    #expect(error?.description.contains("surrogate") == true, "\(error?.description ?? "")")
    let rows = try QueryTools.duckDB(
      "SELECT imdb_id FROM read_json('\(folder.path)/files/*.jsonl', ignore_errors = true)")
    #expect(rows == [["tt0000000"], ["None"], ["tt0000002"], ["None"], ["tt0000004"]])
  }

  @Test("DuckDB reads the corrected copies that docs/queries.md describes, and nothing else has changed")
  func corrected() throws {
    let target = folder.path + "/corrected"
    _ = try QueryTools.run("corrected_copies.py", [folder.path + "/files", target])
    let rows = try QueryTools.duckDB(
      "SELECT imdb_id, p.name FROM read_json('\(target)/*.jsonl'), unnest(\"cast\") AS t(p) ORDER BY 1")
    #expect(rows.map { $0[0] } == (0..<5).map { "tt000000\($0)" })
    #expect(rows.map { $0[1] } == ["Ana & Rui", "half ?", "whole 😀", "other half ?.", "Zoë"])
  }

  @Test(
    "Python and pandas read every film, and polars those without a second half alone",
    arguments: [
      "len([json.loads(line) for line in open(path, encoding='utf-8')])",
      "len(pandas.read_json(path, lines=True))",
      "polars.read_ndjson(io.StringIO(''.join(line for line in open(path) if 'other' not in line))).height + 1",
    ])
  func readers(expression: String) throws {
    let script = "import io, json, pandas, polars, sys; path = sys.argv[1]; print(\(expression))"
    let output = try ChildProcess.run(
      SharedData.package.path + "/.venv/bin/python", ["-c", script, folder.path + "/files/a.jsonl"])
    #expect(output == "5\n")
  }
}
