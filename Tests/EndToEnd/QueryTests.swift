import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  @Suite(
    "The table and the queries",
    .enabled(if: QueryTools.areInstalled, "the tools are missing from .venv; `make test` installs them"))
  struct QueryTests {
    private static let tools = ["DuckDB", "pandas", "polars", "jq", "Athena", "Spark"]
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test("a table over files that are one JSON object is refused with a sentence")
    func refused() throws {
      let parameters = ["GlueDatabase": "refused", "AthenaWorkgroup": ""]
      let error = #expect(throws: ChildProcess.Failed.self) {
        try fixture.cloud.deploy("table-refused", movies: "/dev/null", parameters: parameters)
      }
      let message = error?.description ?? ""
      #expect(message.contains("GlueDatabase needs Format=lines, because Athena reads"), "\(message)")
      let stacks = try fixture.cloud.aws(
        "cloudformation", "describe-stacks", "--query", "Stacks[].[StackName,StackStatus]", "--output", "text"
      )
      #expect(!stacks.contains("table-refused\tCREATE_COMPLETE"), "\(stacks)")
    }

    @Test(
      "every tool of docs/queries.md gives the answers that follow from TMDB's responses",
      arguments: ["none", "gzip"])
    func answers(compression: String) throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let database = "credits_\(compression)"
      let (deployment, selection) = try fixture.deploy(
        "table-\(compression)", server, films: 1500,
        [
          "Format": "lines", "Compression": compression, "GlueDatabase": database, "AthenaWorkgroup": "",
          "Shards": "4", "FilmsPerFile": "10",
        ])
      let out = fixture.folder.path + "/out"
      let run = try deployment.run(extra: ["--out", out])
      #expect(run.code == 0, "\(run.errors)")
      let expected = try ExpectedAnswers(selection)
      let person = try #require(expected.actors.first?[1])
      #expect(expected.actors.count == 20 && !expected.films.isEmpty && !expected.empty.isEmpty)

      let key = try #require(try deployment.keys().first { $0.contains("/Atores-T0-1.jsonl") })
      let files = "\(out)/\((key as NSString).deletingLastPathComponent)"
      try expectTable(database, files: files, key: "\(deployment.bucket)/\(key)")
      try expectSampleQuery(run.errors, expected)
      let athena = try QueryTools.run(
        "athena_answers.py", [database, deployment.bucket, person], environment: fixture.cloud.environment)
      try expect(athena, expected, "Athena on MiniStack")

      // TMDB might have no film of a file.
      try emptyFile(files, compression: compression)
      let day = files.split(separator: "/").suffix(3).joined(separator: "/")
      for tool in Self.tools {
        try expect(QueryTools.run("page_answers.py", [tool, files, day, person]), expected, tool)
      }
    }

    /// Expects that the table has the types of TMDB's responses, and that its projection finds the data files.
    private func expectTable(_ database: String, files: String, key: String) throws {
      let table = try fixture.cloud.aws(
        "glue", "get-table", "--database-name", database, "--name", "credits", "--output", "json")
      #expect(try QueryTools.run("check_table.py", [files, key], input: table) == "")
    }

    /// Expects that the query that `elenco run` prints at its end counts the names in the casts.
    private func expectSampleQuery(_ output: String, _ expected: ExpectedAnswers) throws {
      let line = try #require(output.split(separator: "\n").last { $0.contains("SELECT") })
      let rows = try QueryTools.duckDB(String(line))
      let counts = expected.namesInCasts
      #expect(rows.allSatisfy { counts[$0[0]].map(String.init) == $0[1] }, "\(rows)")
      #expect(rows.map { $0[1] } == counts.values.sorted(by: >).prefix(10).map(String.init))
    }

    private func expect(_ output: String, _ expected: ExpectedAnswers, _ tool: String) throws {
      let answers = try JSONDecoder().decode(ExpectedAnswers.self, from: Data(output.utf8))
      // jq counts pairs by the persons' ids alone.
      let pairs = tool == "jq" ? expected.pairs.map { [$0[0], $0[1], $0[4]] } : expected.pairs
      for (question, rows, expectedRows) in [
        ("actors", answers.actors, expected.actors), ("films", answers.films, expected.films),
        ("pairs", answers.pairs, pairs), ("empty", answers.empty, expected.empty),
        ("people", answers.people, expected.people),
      ] {
        // #expect does not compare the arrays themselves, because it would print thousands of rows.
        let difference = zip(rows, expectedRows).first { $0 != $1 }.map { "\($0) instead of \($1)" }
        let counts = "\(rows.count) of \(expectedRows.count) rows"
        #expect(
          difference == nil && rows.count == expectedRows.count, "\(tool), \(question): \(counts)")
      }
    }

    private func emptyFile(_ folder: String, compression: String) throws {
      let path = folder + "/Atores-T999-1.jsonl"
      try Data().write(to: URL(filePath: path))
      if compression == "gzip" { try ChildProcess.run("/bin/gzip", [path]) }
    }
  }
}
