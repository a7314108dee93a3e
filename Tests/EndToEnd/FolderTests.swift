import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  @Suite("Runs of one day in one folder") struct FolderTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test("a run of another selection is refused before anything is written, and runs in a folder of its own")
    func otherSelection() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "mixture", server, films: 400, ["Shards": "6", "FilmsPerFile": "10"])
      #expect(try deployment.run(#"{"run":"drama"}"#).code == 0)
      let before = try deployment.keys()
      let western = #""genres":["Western","Comedy"],"match":"any","shards":2"#
      let dry = try deployment.invoke(deployment.dispatcher, "{\(western),\"dryRun\":true}")
      let warning = try #require(dry["warning"] as? String)
      #expect(warning.contains("would be refused") && warning.contains("run drama"), "\(warning)")
      let refused = try deployment.invoke(deployment.dispatcher, "{\(western)}")
      #expect(refused["errorType"] as? String == "FolderTaken", "\(refused)")
      #expect(try deployment.keys() == before)
      #expect(try deployment.elenco("verify", "drama").code == 0)
      try deployment.expectAllFilms(selection)

      let own = "{\(western),\"destination\":{\"prefix\":\"\(deployment.prefix)/western\"}}"
      #expect(try deployment.run(own).code == 0)
      #expect(try deployment.elenco("verify", "drama").code == 0)
    }

    @Test(
      "a run of the same selection replaces the folder's run, whose surplus files go and whose replay does nothing"
    )
    func sameSelection() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "replace", server, films: 400, ["Shards": "6", "FilmsPerFile": "5", "LeaseSeconds": "3"])
      #expect(try deployment.run(#"{"run":"first"}"#).code == 0)
      let dry = try deployment.invoke(deployment.dispatcher, #"{"run":"second","shards":2,"dryRun":true}"#)
      let warning = try #require(dry["warning"] as? String)
      #expect(warning.contains("replaces run first") && warning.contains("are deleted"), "\(warning)")
      #expect(try deployment.run(#"{"run":"second","shards":2,"filmsPerFile":40}"#).code == 0)
      try deployment.expectAllFilms(selection)
      #expect(try deployment.elenco("verify", "second").code == 0)

      let (etags, requests) = (try deployment.etags(), server.requests().count)
      let replay = try deployment.invoke(deployment.worker, #"{"run":"first","shard":0,"replay":"all"}"#)
      #expect(
        replay["state"] as? String == "replaced" && replay["replacedBy"] as? String == "second", "\(replay)")
      for flags in [["--incomplete"], ["--shard", "0"]] {
        let refused = try deployment.elenco(["replay", "first"] + flags)
        #expect(
          refused.code == 1 && refused.errors.contains("it was replaced by run second"), "\(refused.errors)")
      }
      #expect(try deployment.etags() == etags)
      #expect(server.requests().count == requests)
      for command in ["status", "verify"] {
        let result = try deployment.elenco(command, "first")
        #expect(result.code == 1 && result.output.contains("replaced by run second"), "\(result.output)")
      }

      // A file that is not the run's is found.
      let key = try #require(try deployment.keys().first { $0.hasSuffix("/_SUCCESS") })
        .replacing("_SUCCESS", with: "Atores-T7-1.json")
      try fixture.cloud.aws(
        "s3api", "put-object", "--bucket", deployment.bucket, "--key", key, "--body",
        try fixture.folder.write("foreign", "{}\n"))
      let found = try deployment.elenco("verify", "second")
      #expect(found.code == 1 && found.output.contains("Atores-T7-1.json"), "\(found.output)")
    }

    @Test("a run that takes the folder of one that is under way stops it, and ends with its own files alone")
    func underWay() throws {
      let server = try fixture.startServer { $0.latency = .milliseconds(20) }
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "race", server, films: 600, ["Shards": "4", "FilmsPerFile": "5", "LeaseSeconds": "3"])
      for event in [
        #"{"run":"slow","requestsPerSecond":30}"#, #"{"run":"quick","shards":2,"filmsPerFile":20}"#,
      ] {
        try fixture.cloud.aws(
          "lambda", "invoke", "--function-name", deployment.dispatcher, "--invocation-type", "Event",
          "--payload",
          event, fixture.folder.path + "/none")
        try CloudFixture.waitUntil("the first run has written a file") {
          try deployment.keys().contains { $0.contains("/Atores-T") }
        }
      }
      try deployment.wait(for: "\(deployment.prefix)/_runs/quick/manifest.json")
      let success =
        try #require(try deployment.keys().first { $0.contains("/Atores-T") })
        .split(separator: "/").dropLast().joined(separator: "/") + "/_SUCCESS"
      try deployment.wait(for: success)
      try CloudFixture.waitUntil("the replaced run's workers have stopped") {
        try deployment.elenco("status", "slow").output.contains(" running") == false
      }
      #expect(try deployment.elenco("verify", "quick").code == 0)
      try deployment.expectAllFilms(selection)
    }
  }
}
