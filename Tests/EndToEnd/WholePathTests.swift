import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  @Suite("The whole path") struct WholePathTests {
    private let stage: Stage

    init() throws { stage = try Stage() }

    @Test("movies.csv in, files of credits out, and a manifest, by way of the roles of the template")
    func mainJob() throws {
      let server = try stage.server()
      defer { server.stop() }
      let (deployment, selection) = try stage.deploy("main", server, films: 1000)
      let result = try deployment.run(
        #"{"shards":6,"filmsPerFile":10}"#, extra: ["--out", stage.folder.path + "/out"])
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.output.contains("complete\n"))
      try deployment.expectWhole(selection)
      #expect(server.creditsAsked.values.allSatisfy { $0 == 1 })

      let keys = try deployment.keys()
      let manifestKey = try #require(keys.first { $0.hasSuffix("/manifest.json") })
      let manifest = try deployment.json(manifestKey)
      #expect(manifest["films"] as? Int == selection.count)
      #expect(manifest["isComplete"] as? Bool == true)
      #expect(
        Set(manifest["absent"] as? [String] ?? [])
          == Set(selection.filter { Catalogue.credits(imdbID: $0) == nil }))
      #expect(keys.contains { $0.hasSuffix("/_SUCCESS") })
      // The manifest's sums are those of the bytes, by another program.
      let files = try #require(manifest["files"] as? [[String: Any]])
      #expect(files.count == keys.filter { $0.contains("/Atores-T") }.count)
      for file in files.prefix(5) {
        let path = stage.folder.path + "/out/" + (file["key"] as? String ?? "")
        let sum = try ChildProcess.run("/usr/bin/sha256sum", [path]).prefix(64)
        #expect(file["sha256"] as? String == String(sum))
      }
      // The copy is whole, under the keys.
      let copied = try ChildProcess.run(
        "/usr/bin/find", [stage.folder.path + "/out", "-type", "f", "-printf", "%P\\n"]
      )
      .split(separator: "\n").map(String.init)
      #expect(copied.sorted() == keys)
      // Metadata, as boto3 and the AWS CLI read it.
      let key = try #require(keys.first { $0.hasSuffix("Atores-T0-1.json") })
      let head = try stage.cloud.aws(
        "s3api", "head-object", "--bucket", deployment.bucket, "--key", key, "--output", "json")
      #expect(head.contains("\"elenco-complete\": \"true\"") && head.contains("\"elenco-shard\": \"0\""))
    }

    @Test("the three uses with the ordinary AWS CLI")
    func threeUses() throws {
      let server = try stage.server()
      defer { server.stop() }
      let (deployment, selection) = try stage.deploy(
        "uses", server, films: 400, ["Shards": "4", "FilmsPerFile": "10"])
      let answer = try deployment.invoke(deployment.dispatcher, "{}")
      let run = try #require(answer["run"] as? String)
      #expect(answer["films"] as? Int == selection.count)
      #expect(answer["invoked"] as? Int == 4)
      let runFolder = "\(deployment.prefix)/_runs/\(run)/"
      try deployment.wait(for: runFolder + "manifest.json")
      try deployment.expectWhole(selection)

      // A replay of a complete shard asks for nothing and changes nothing.
      let (asked, etags) = (server.requests().count, try deployment.etags())
      let replay = "{\"run\":\"\(run)\",\"shard\":1}"
      #expect(try deployment.invoke(deployment.worker, replay)["state"] as? String == "complete")
      #expect(server.requests().count == asked)
      #expect(try deployment.etags() == etags)

      // A file that is gone is fetched again, and no other film.
      let key = try #require(try deployment.keys().first { $0.hasSuffix("Atores-T1-2.json") })
      let lost = try DataFiles.films(try deployment.object(key)).count
      server.reset()
      try stage.cloud.aws("s3api", "delete-object", "--bucket", deployment.bucket, "--key", key)
      _ = try deployment.invoke(deployment.worker, replay)
      #expect(server.creditsAsked.count == lost)
      #expect(try deployment.etags() == etags)

      // Everything again gives the same bytes.
      server.reset()
      _ = try deployment.invoke(deployment.worker, "{\"run\":\"\(run)\",\"shard\":1,\"replay\":\"all\"}")
      #expect(server.creditsAsked.count > lost)
      #expect(try deployment.etags() == etags)

      // A scheduled event that is delivered twice is one run.
      server.reset()
      let scheduled = "fileb://\(SharedData.package.path)/infra/events/scheduled.json"
      for _ in 0..<2 {
        try stage.cloud.aws(
          "lambda", "invoke", "--function-name", deployment.dispatcher, "--invocation-type", "Event",
          "--payload",
          scheduled, stage.folder.path + "/none")
      }
      try deployment.wait(for: "\(deployment.prefix)/_runs/20261122T030000Z-9c1b7c1e/manifest.json")
      #expect(server.creditsAsked.values.allSatisfy { $0 == 1 })
      #expect(try deployment.keys().contains("\(deployment.prefix)/2026/11/22/_SUCCESS"))
    }

    @Test("wrong input gets a sentence, and nothing is written")
    func wrongInput() throws {
      let server = try stage.server()
      defer { server.stop() }
      let (deployment, _) = try stage.deploy("wrong", server, films: 100)
      try stage.cloud.aws(
        "s3api", "put-object", "--bucket", deployment.bucket, "--key", "Raw/Local/other.csv", "--body",
        try stage.folder.write("other.csv", "id|titulo\ntt0000001|x\n"))
      let cases = [
        (#"{"shrads":1}"#, "InvalidEvent", "no field \"shrads\""),
        (#"{"shards":"x"}"#, "InvalidEvent", "\"shards\" must be"),
        (#"{"source":{"key":"none.csv"}}"#, "", "none.csv"),
        (#"{"source":{"bucket":"no-such-bucket-here"}}"#, "", "s3://no-such-bucket-here"),
        (#"{"source":{"key":"Raw/Local/other.csv"}}"#, "InvalidSource", "Its columns are: id, titulo"),
        (#"{"genres":["Nonesuch"]}"#, "NothingSelected", "no film of the genres Nonesuch"),
        (#"{"destination":{"bucket":"elenco-artifacts"}}"#, "AccessDenied", "s3://elenco-artifacts"),
        (#"{"destination":{"prefix":"Elsewhere"}}"#, "AccessDenied", "Elsewhere"),
      ]
      for (event, type, words) in cases {
        let answer = try deployment.invoke(deployment.dispatcher, event)
        let message = answer["errorMessage"] as? String ?? ""
        #expect(
          message.contains(words) && (message.hasSuffix(".") || message.hasSuffix("?")),
          "\(event): \(message)")
        if !type.isEmpty { #expect(answer["errorType"] as? String == type, "\(event): \(answer)") }
      }
      let plan = try deployment.invoke(deployment.dispatcher, #"{"dryRun":true}"#)
      #expect((plan["forecast"] as? [String: Any])?["requests"] as? Int == 2 * (plan["films"] as? Int ?? -1))
      let worker = try deployment.invoke(deployment.worker, #"{"run":"none","shard":0}"#)
      #expect(worker["errorType"] as? String == "PlanNotFound")
      #expect(try deployment.keys() == [])
      #expect(server.requests().isEmpty)
    }

    @Test(
      "a token that is missing or refused, and a TMDB that nobody answers for, end the run with a sentence")
    func noTMDB() throws {
      let server = try stage.server()
      defer { server.stop() }
      let (refused, _) = try stage.deploy(
        "refused", server, films: 100, token: "no-such-token", ["Shards": "2"])
      let result = try refused.run()
      #expect(result.code == 1)
      #expect(result.output.contains("refused the token (status 401"), "\(result.output)")
      // The token is in nothing that anybody may read.
      let logs = try stage.cloud.aws(
        "logs", "filter-log-events", "--log-group-name", "/aws/lambda/\(refused.worker)")
      #expect(logs.contains("refused the token"))
      #expect(!(result.output + result.errors + logs).contains("no-such-token"))
      #expect(try refused.keys().allSatisfy { !$0.contains("Atores-T") })

      let (unreachable, _) = try stage.deploy(
        "unreachable", server, films: 300,
        ["Shards": "1", "TmdbBaseUrl": "http://127.0.0.1:\(try Loopback.freePort())"])
      let silence = try unreachable.run()
      #expect(silence.code == 1)
      #expect(silence.output.contains("Is the server up and reachable"), "\(silence.output)")

      // The refused token was forgotten: the next invocation reads the secret again, and finds it empty.
      try stage.cloud.aws(
        "secretsmanager", "put-secret-value", "--secret-id", try refused.output("SecretName"),
        "--secret-string", " ")
      let plan = #"{"run":"own","shard":0,"shards":1,"films":["tt0000009"]}"#
      let empty = try refused.invoke(refused.worker, plan)
      #expect(empty["errorType"] as? String == "TokenMissing", "\(empty)")
      #expect((empty["errorMessage"] as? String)?.contains("put-secret-value") == true, "\(empty)")
    }

    @Test("a film that fails is named and its file marked; failed.csv is a source; a replay mends the run")
    func failedFilm() throws {
      let movies = try LocalCloud.movies(films: 200, in: stage.folder)
      let selection = try LocalCloud.selection(of: movies)
      let film = try #require(selection.first { Catalogue.credits(imdbID: $0) != nil })
      let server = try stage.server {
        $0.failRules = [try FaultRule(parsing: "id=\(film) times=10 status=500")]
      }
      defer { server.stop() }
      let (deployment, _) = try stage.deploy(
        "failing", server, films: 200, ["Shards": "2", "FilmsPerFile": "10"])
      let result = try deployment.run()
      #expect(result.code == 1)
      #expect(result.output.contains("\(film) (status 500"), "\(result.output)")
      let failedKey = try #require(try deployment.keys().first { $0.hasSuffix("failed.csv") })
      let table = String(decoding: try deployment.object(failedKey), as: UTF8.self)
      #expect(table.hasPrefix("id|genero|reason\n\(film)|Drama,Romance|status 500"))
      #expect(try deployment.keys().allSatisfy { !$0.hasSuffix("_SUCCESS") })

      // A run with failed.csv as its source asks for just that film; the server still fails it.
      let before = server.requests().count
      let again = try deployment.run(
        "{\"source\":{\"key\":\"\(failedKey)\"},\"destination\":{\"prefix\":\"\(deployment.prefix)/Again\"}}")
      #expect(again.code == 1)
      #expect(server.requests().dropFirst(before).allSatisfy { $0.path.contains(film) })

      // The server is mended now; a replay fetches the one film and completes the run.
      let asked = server.creditsAsked.count
      let run = try #require(failedKey.split(separator: "/").dropLast().last)
      let report = try deployment.invoke(deployment.worker, "{\"run\":\"\(run)\",\"shard\":0}")
      #expect(report["state"] as? String == "complete")
      #expect(server.creditsAsked.count == asked + 1)
      #expect(try deployment.keys().contains { $0.hasSuffix("_SUCCESS") && !$0.contains("Again") })
      #expect(String(decoding: try deployment.object(failedKey), as: UTF8.self) == "id|genero|reason\n")
    }

    @Test("four workers finish many shards, never more than four at once, each film once")
    func fewWorkers() throws {
      let server = try stage.server { $0.latency = .milliseconds(5) }
      defer { server.stop() }
      let (deployment, selection) = try stage.deploy(
        "few", server, films: 1000, ["Shards": "20", "FilmsPerFile": "10"])
      let result = try deployment.run(#"{"workers":4}"#)
      #expect(result.code == 0, "\(result.output)\(result.errors)")
      #expect(result.errors.contains("4 workers invoked"))
      try deployment.expectWhole(selection)
      #expect(server.creditsAsked.values.allSatisfy { $0 == 1 })
      let reports = try deployment.keys().filter { $0.contains("/reports/") }
      #expect(reports.count == 20)
      let invocations = Set(try reports.map { try deployment.json($0)["requestID"] as? String })
      #expect(invocations.count <= 4)
    }

    @Test("the same event five times at once is one run: each film once, one manifest")
    func duplicates() throws {
      let server = try stage.server { $0.latency = .milliseconds(20) }
      defer { server.stop() }
      let (deployment, selection) = try stage.deploy(
        "twice", server, films: 600, ["Shards": "3", "FilmsPerFile": "10"])
      let payload = #"{"run":"five","requestsPerSecond":60}"#
      for _ in 0..<5 {
        try stage.cloud.aws(
          "lambda", "invoke", "--function-name", deployment.dispatcher, "--invocation-type", "Event",
          "--payload", payload,
          stage.folder.path + "/none")
      }
      try deployment.wait(for: "\(deployment.prefix)/_runs/five/manifest.json")
      try deployment.expectWhole(selection)
      #expect(server.creditsAsked.values.allSatisfy { $0 == 1 })
    }

    @Test("a worker that is killed is replaced: only what was not written is fetched again")
    func killed() throws {
      let server = try stage.server { $0.latency = .milliseconds(10) }
      defer { server.stop() }
      let (deployment, selection) = try stage.deploy(
        "killed", server, films: 400, ["Shards": "1", "FilmsPerFile": "10", "LeaseSeconds": "3"])
      let payload = #"{"run":"mortal","requestsPerSecond":60}"#
      try stage.cloud.aws(
        "lambda", "invoke", "--function-name", deployment.dispatcher, "--invocation-type", "Event",
        "--payload",
        payload,
        stage.folder.path + "/none")
      // Killed once some of its files are written.
      try Stage.until("80 requests were sent") { server.requests().count >= 80 }
      let victims = try stage.workers(of: deployment)
      #expect(victims.count >= 1)
      for victim in victims { kill(victim, SIGKILL) }
      try deployment.wait(for: "\(deployment.prefix)/_runs/mortal/manifest.json")
      try deployment.expectWhole(selection)
      let repeated = server.creditsAsked.values.filter { $0 > 1 }.count
      #expect(repeated <= 10 + 64)
      #expect(server.creditsAsked.values.allSatisfy { $0 <= 2 })
    }
  }
}
