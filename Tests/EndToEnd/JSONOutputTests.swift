import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// All JSON that real runs and commands write, compared with the schemas of docs/schemas.
  @Suite("JSON of real runs") struct JSONOutputTests {
    private typealias Output = OutputSchemas.Output

    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test("a dry run, a run with a failed film, its replay, and a run that starts from it and replaces it")
    func failedAndRefreshed() throws {
      let movies = try LocalCloud.movies(films: 200, in: fixture.folder)
      let films = try LocalCloud.selection(of: movies)
      let failing = try #require(films.first { Catalogue.credits(imdbID: $0) != nil })
      let server = try fixture.startServer {
        $0.failRules = [try FaultRule(parsing: "id=\(failing) times=5 status=500")]
      }
      defer { server.stop() }
      let (deployment, _) = try fixture.deploy(
        "schemas", server, films: 200, ["Shards": "2", "FilmsPerFile": "10", "LeaseSeconds": "3"])
      var outputs: [Output] = []
      func elenco(_ schema: String, code: Int32 = 0, _ arguments: String...) throws {
        let result = try deployment.elenco(arguments + ["--json"])
        #expect(result.code == code, "\(arguments): \(result.output)\(result.errors)")
        outputs.append(Output(schema, result.output))
      }

      let dry = try fixture.cloud.run(
        LocalCloud.elenco(), ["plan", "--function", deployment.dispatcher, "--json"])
      outputs.append(Output("dispatcher-response", dry.output))
      try elenco("runs", "runs")
      outputs.append(
        Output("function-error", try text(deployment.invoke(deployment.dispatcher, #"{"shards":0}"#))))

      // Without a name in the event, the dispatcher stores the request, too.
      let first = try deployment.run(extra: ["--json"])
      #expect(first.code == 1)
      outputs.append(Output("run-summary", first.output))
      let run = try #require(try member("run", of: first.output) as? String)
      try elenco("status", code: 1, "status", run)
      try elenco("runs", "runs")
      try elenco("run-summary", code: 1, "follow", run)
      try elenco("verify", "verify", run)
      try elenco("film", code: 1, "film", failing)
      let shard = try #require(try member("shard", of: outputs.last?.text ?? "") as? Int)
      try elenco("film", "film", try #require(films.last { Catalogue.credits(imdbID: $0) != nil }))
      try elenco("film", code: 1, "film", try #require(films.first { Catalogue.credits(imdbID: $0) == nil }))
      outputs += try stored(deployment)

      try elenco("worker-response", "replay", run, "--shard", "\(shard)")
      try elenco("replay", "replay", run, "--incomplete")

      let second = try deployment.run(
        #"{"run":"second","refresh":"changed","base":"\#(run)","format":"lines"}"#, extra: ["--json"])
      #expect(second.code == 0, "\(second.output)\(second.errors)")
      outputs.append(Output("run-summary", second.output))
      try elenco("status", code: 1, "status", run)
      try elenco("verify", code: 1, "verify", run)
      try elenco("runs", "runs")
      let replaced = try deployment.invoke(deployment.worker, #"{"run":"\#(run)","shard":0}"#)
      #expect(replaced["state"] as? String == "replaced", "\(replaced)")
      outputs.append(Output("worker-response", try text(replaced)))
      // The lines of both runs arrive with a delay.
      var lines: [Substring] = []
      try CloudFixture.waitUntil("the logs have lines of the run") {
        lines = try deployment.elenco("logs", "second", "--json").output.split(separator: "\n")
        return lines.contains { $0.contains("dispatcher") } && lines.contains { $0.contains("worker") }
      }
      outputs += lines.map { Output("log-line", String($0)) }
      let objects = try stored(deployment)
      #expect(
        Set(objects.map(\.schema)) == [
          "data-line", "folder-owner", "latest-run", "lease", "manifest", "plan", "report", "request",
        ])
      let faults = try OutputSchemas.faults(of: outputs + objects)
      #expect(faults == [])
    }

    @Test("a run in progress, and the same run after it was cancelled")
    func cancelled() throws {
      let event = #"{"run":"weekly","requestsPerSecond":20}"#
      let run = try fixture.startRun(
        "schemas-cancelled", films: 800, event, ["Shards": "2", "FilmsPerFile": "5", "LeaseSeconds": "3"])
      let deployment = run.deployment
      defer { run.server.stop() }
      try CloudFixture.waitUntil("the run has written two files") {
        try deployment.keys().count { $0.contains("/Atores-T") } >= 2
      }
      var outputs = try stored(deployment)
      for (command, schema) in [("status", "status"), ("runs", "runs")] {
        outputs.append(Output(schema, try deployment.elenco(command, "--json").output))
      }
      let held = try deployment.invoke(deployment.worker, #"{"run":"weekly","shard":0}"#)
      #expect(held["state"] as? String == "held", "\(held)")
      outputs.append(Output("worker-response", try text(held)))

      let cancelled = try deployment.elenco("cancel", "weekly", "--json")
      #expect(cancelled.code == 0, "\(cancelled.errors)")
      outputs.append(Output("cancel", cancelled.output))
      _ = try run.waitForFollower()
      let again = try deployment.invoke(deployment.worker, #"{"run":"weekly","shard":0}"#)
      #expect(again["state"] as? String == "cancelled", "\(again)")
      outputs.append(Output("worker-response", try text(again)))
      let refused = try deployment.invoke(deployment.dispatcher, event)
      #expect(refused["errorType"] as? String == "RunCancelled", "\(refused)")
      outputs.append(Output("function-error", try text(refused)))
      for (command, schema) in [("status", "status"), ("runs", "runs"), ("follow", "run-summary")] {
        outputs.append(Output(schema, try deployment.elenco(command, "--json").output))
      }
      let faults = try OutputSchemas.faults(of: outputs + stored(deployment))
      #expect(faults == [])
    }

    /// All JSON objects of the stack's prefix, and the lines of its JSON Lines.
    private func stored(_ deployment: Deployment) throws -> [Output] {
      try deployment.keys().filter { $0.contains(".json") }.flatMap { key -> [Output] in
        let text = String(decoding: try deployment.object(key), as: UTF8.self)
        guard key.hasSuffix(".jsonl") else { return [Output(try schema(of: key), text)] }
        return text.split(separator: "\n").map { Output("data-line", String($0)) }
      }
    }

    private func schema(of key: String) throws -> String {
      let schemas = [
        "/_runs/_latest.json": "latest-run", "/_runs/_days/": "folder-owner", "/_runs/_requests/": "request",
        "/manifest.json": "manifest", "/reports/T": "report", "/shards/T": "plan", "/leases/T": "lease",
        "/Atores-T": "data-file",
      ]
      return try #require(schemas.first { key.contains($0.key) }?.value, "\(key) has no schema")
    }

    private func text(_ object: [String: Any]) throws -> String {
      String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    private func member(_ name: String, of text: String) throws -> Any? {
      (try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])?[name]
    }
  }
}
