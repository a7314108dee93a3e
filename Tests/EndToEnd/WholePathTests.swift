import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  @Suite("The whole path") struct WholePathTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test("a run with the template's roles turns movies.csv into files of credits and a manifest")
    func mainJob() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy("main", server, films: 1000, byScripts: true)
      let result = try deployment.run(
        #"{"shards":6,"filmsPerFile":10}"#, extra: ["--out", fixture.folder.path + "/out"])
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.output.contains("complete\n"))
      try deployment.expectAllFilms(selection)
      #expect(server.creditsRequests.values.allSatisfy { $0 == 1 })

      let keys = try deployment.keys()
      let manifestKey = try #require(keys.first { $0.hasSuffix("/manifest.json") })
      let manifest = try deployment.json(manifestKey)
      #expect(manifest["films"] as? Int == selection.count)
      #expect(manifest["isComplete"] as? Bool == true)
      #expect(
        Set(manifest["absent"] as? [String] ?? [])
          == Set(selection.filter { Catalogue.credits(imdbID: $0) == nil }))
      #expect(keys.contains { $0.hasSuffix("/_SUCCESS") })
      // sha256sum computes the same checksums as the manifest has.
      let files = try #require(manifest["files"] as? [[String: Any]])
      #expect(files.count == keys.filter { $0.contains("/Atores-T") }.count)
      for file in files.prefix(5) {
        let path = fixture.folder.path + "/out/" + (file["key"] as? String ?? "")
        let sum = try ChildProcess.run("/usr/bin/sha256sum", [path]).prefix(64)
        #expect(file["sha256"] as? String == String(sum))
      }
      // Every object is downloaded, and its key is its path.
      let downloaded = try ChildProcess.run(
        "/usr/bin/find", [fixture.folder.path + "/out", "-type", "f", "-printf", "%P\\n"]
      )
      .split(separator: "\n").map(String.init)
      #expect(downloaded.sorted() == keys)
      // The metadata, as the AWS CLI shows it.
      let key = try #require(keys.first { $0.hasSuffix("Atores-T0-1.json") })
      let head = try fixture.cloud.aws(
        "s3api", "head-object", "--bucket", deployment.bucket, "--key", key, "--output", "json")
      #expect(head.contains("\"elenco-complete\": \"true\"") && head.contains("\"elenco-shard\": \"0\""))
    }

    @Test("the three ways of use, with the AWS CLI alone")
    func threeUses() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "uses", server, films: 400, ["Shards": "4", "FilmsPerFile": "10"])
      let response = try deployment.invoke(deployment.dispatcher, "{}")
      let run = try #require(response["run"] as? String)
      #expect(response["films"] as? Int == selection.count)
      #expect(response["invoked"] as? Int == 4)
      let runFolder = "\(deployment.prefix)/_runs/\(run)/"
      try deployment.wait(for: runFolder + "manifest.json")
      try deployment.expectAllFilms(selection)

      // A replay of a complete shard sends no request to TMDB and changes nothing.
      let (requestCount, etags) = (server.requests().count, try deployment.etags())
      let replay = "{\"run\":\"\(run)\",\"shard\":1}"
      #expect(try deployment.invoke(deployment.worker, replay)["state"] as? String == "complete")
      #expect(server.requests().count == requestCount)
      #expect(try deployment.etags() == etags)

      // Only the films of a deleted file are fetched again.
      let key = try #require(try deployment.keys().first { $0.hasSuffix("Atores-T1-2.json") })
      let filmCount = try DataFiles.films(try deployment.object(key), name: key).count
      server.reset()
      try fixture.cloud.aws("s3api", "delete-object", "--bucket", deployment.bucket, "--key", key)
      _ = try deployment.invoke(deployment.worker, replay)
      #expect(server.creditsRequests.count == filmCount)
      #expect(try deployment.etags() == etags)

      // Fetching all films again gives the same bytes.
      server.reset()
      _ = try deployment.invoke(deployment.worker, "{\"run\":\"\(run)\",\"shard\":1,\"replay\":\"all\"}")
      #expect(server.creditsRequests.count > filmCount)
      #expect(try deployment.etags() == etags)

      // A scheduled event that is delivered twice starts one run.
      server.reset()
      let scheduled = "fileb://\(SharedData.package.path)/infra/events/scheduled.json"
      for _ in 0..<2 {
        try fixture.cloud.aws(
          "lambda", "invoke", "--function-name", deployment.dispatcher, "--invocation-type", "Event",
          "--payload",
          scheduled, fixture.folder.path + "/none")
      }
      try deployment.wait(for: "\(deployment.prefix)/_runs/20261122T030000Z-9c1b7c1e/manifest.json")
      #expect(server.creditsRequests.values.allSatisfy { $0 == 1 })
      try deployment.wait(for: "\(deployment.prefix)/2026/11/22/_SUCCESS")
    }

    @Test("invalid input returns an error message, and nothing is written")
    func wrongInput() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, _) = try fixture.deploy("wrong", server, films: 100)
      try fixture.cloud.aws(
        "s3api", "put-object", "--bucket", deployment.bucket, "--key", "Raw/Local/other.csv", "--body",
        try fixture.folder.write("other.csv", "id|titulo\ntt0000001|x\n"))
      let cases = [
        (#"{"shrads":1}"#, "InvalidEvent", "unknown field \"shrads\""),
        (#"{"shards":"x"}"#, "InvalidEvent", "\"shards\" must be"),
        (#"{"source":{"key":"none.csv"}}"#, "", "none.csv"),
        (#"{"source":{"bucket":"no-such-bucket-here"}}"#, "", "s3://no-such-bucket-here"),
        (#"{"source":{"key":"Raw/Local/other.csv"}}"#, "InvalidSource", "Its columns are: id, titulo"),
        (#"{"genres":["Nonesuch"]}"#, "NothingSelected", "no film that matches the genre Nonesuch"),
        (#"{"destination":{"bucket":"elenco-artifacts"}}"#, "AccessDenied", "s3://elenco-artifacts"),
        (#"{"destination":{"prefix":"Elsewhere"}}"#, "AccessDenied", "Elsewhere"),
      ]
      for (event, type, text) in cases {
        let response = try deployment.invoke(deployment.dispatcher, event)
        let message = response["errorMessage"] as? String ?? ""
        #expect(
          message.contains(text) && (message.hasSuffix(".") || message.hasSuffix("?")),
          "\(event): \(message)")
        if !type.isEmpty { #expect(response["errorType"] as? String == type, "\(event): \(response)") }
      }
      let plan = try deployment.invoke(deployment.dispatcher, #"{"dryRun":true}"#)
      #expect((plan["forecast"] as? [String: Any])?["requests"] as? Int == 2 * (plan["films"] as? Int ?? -1))
      let worker = try deployment.invoke(deployment.worker, #"{"run":"none","shard":0}"#)
      #expect(worker["errorType"] as? String == "PlanNotFound")
      #expect(try deployment.keys() == [])
      #expect(server.requests().isEmpty)
    }

    @Test(
      "a missing token, a refused token and an unreachable TMDB end the run with an error message")
    func noTMDB() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (refused, _) = try fixture.deploy(
        "refused", server, films: 100, token: "no-such-token", ["Shards": "2"])
      let result = try refused.run()
      #expect(result.code == 1)
      #expect(result.output.contains("refused the token (TMDB responded 401"), "\(result.output)")
      // The token appears neither in the output nor in the logs.
      let logs = try fixture.cloud.aws(
        "logs", "filter-log-events", "--log-group-name", "/aws/lambda/\(refused.worker)")
      #expect(logs.contains("refused the token"))
      #expect(!(result.output + result.errors + logs).contains("no-such-token"))
      #expect(try refused.keys().allSatisfy { !$0.contains("Atores-T") })

      let (unreachable, _) = try fixture.deploy(
        "unreachable", server, films: 300,
        ["Shards": "1", "TmdbBaseUrl": "http://127.0.0.1:\(try Loopback.freePort())"])
      let failure = try unreachable.run()
      #expect(failure.code == 1)
      #expect(failure.output.contains("Is the server running and reachable"), "\(failure.output)")

      // The worker does not keep a refused token: the next invocation reads the secret again, and finds it empty.
      try fixture.cloud.aws(
        "secretsmanager", "put-secret-value", "--secret-id", try refused.output("SecretName"),
        "--secret-string", " ")
      let plan =
        #"{"run":"own","shard":0,"shards":1,"films":["tt0000009"],"destination":{"prefix":"\#(refused.prefix)/own"}}"#
      let empty = try refused.invoke(refused.worker, plan)
      #expect(empty["errorType"] as? String == "TokenMissing", "\(empty)")
      #expect((empty["errorMessage"] as? String)?.contains("put-secret-value") == true, "\(empty)")
    }

    @Test(
      "a failed film is named and its file marked; failed.csv is a valid source; a replay completes the run")
    func failedFilm() throws {
      let movies = try LocalCloud.movies(films: 200, in: fixture.folder)
      let selection = try LocalCloud.selection(of: movies)
      let film = try #require(selection.first { Catalogue.credits(imdbID: $0) != nil })
      let server = try fixture.startServer {
        $0.failRules = [try FaultRule(parsing: "id=\(film) times=10 status=500")]
      }
      defer { server.stop() }
      let (deployment, _) = try fixture.deploy(
        "failing", server, films: 200, ["Shards": "2", "FilmsPerFile": "10"])
      let result = try deployment.run()
      #expect(result.code == 1)
      #expect(result.output.contains("\(film) (TMDB responded 500"), "\(result.output)")
      let failedKey = try #require(try deployment.keys().first { $0.hasSuffix("failed.csv") })
      let table = String(decoding: try deployment.object(failedKey), as: UTF8.self)
      // The film's own genres, as awk finds them in the source.
      let genero = try ChildProcess.run(
        "/usr/bin/awk", ["-F|", "$1 == \"\(film)\" {print $6; exit}", movies]
      )
      .trimmingCharacters(in: .newlines)
      #expect(table.hasPrefix("id|genero|reason\n\(film)|\(genero)|TMDB responded 500"))
      #expect(try deployment.keys().allSatisfy { !$0.hasSuffix("_SUCCESS") })

      // A run with failed.csv as its source requests only that film. The server still fails these requests.
      let before = server.requests().count
      let again = try deployment.run(
        "{\"source\":{\"key\":\"\(failedKey)\"},\"destination\":{\"prefix\":\"\(deployment.prefix)/Again\"}}")
      #expect(again.code == 1)
      #expect(server.requests().dropFirst(before).allSatisfy { $0.path.contains(film) })

      // The server has stopped failing. A replay fetches the one film and completes the run.
      let creditsCount = server.creditsRequests.count
      let run = try #require(failedKey.split(separator: "/").dropLast().last)
      let report = try deployment.invoke(deployment.worker, "{\"run\":\"\(run)\",\"shard\":0}")
      #expect(report["state"] as? String == "complete")
      #expect(server.creditsRequests.count == creditsCount + 1)
      #expect(try deployment.keys().contains { $0.hasSuffix("_SUCCESS") && !$0.contains("Again") })
      #expect(String(decoding: try deployment.object(failedKey), as: UTF8.self) == "id|genero|reason\n")
    }

    @Test("four workers finish twenty shards, never more than four at a time, and fetch each film once")
    func fewWorkers() throws {
      let server = try fixture.startServer { $0.latency = .milliseconds(5) }
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "few", server, films: 1000, ["Shards": "20", "FilmsPerFile": "10"])
      let result = try deployment.run(#"{"workers":4}"#)
      #expect(result.code == 0, "\(result.output)\(result.errors)")
      #expect(result.errors.contains("4 workers invoked"))
      try deployment.expectAllFilms(selection)
      #expect(server.creditsRequests.values.allSatisfy { $0 == 1 })
      let reports = try deployment.keys().filter { $0.contains("/reports/") }
      #expect(reports.count == 20)
      let invocations = Set(try reports.map { try deployment.json($0)["requestID"] as? String })
      #expect(invocations.count <= 4)
    }

    @Test("the same event sent five times starts one run, with each film fetched once and one manifest")
    func duplicates() throws {
      let server = try fixture.startServer { $0.latency = .milliseconds(20) }
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "twice", server, films: 600, ["Shards": "3", "FilmsPerFile": "10"])
      let payload = #"{"run":"five","requestsPerSecond":60}"#
      for _ in 0..<5 {
        try fixture.cloud.aws(
          "lambda", "invoke", "--function-name", deployment.dispatcher, "--invocation-type", "Event",
          "--payload", payload,
          fixture.folder.path + "/none")
      }
      try deployment.wait(for: "\(deployment.prefix)/_runs/five/manifest.json")
      try deployment.expectAllFilms(selection)
      #expect(server.creditsRequests.values.allSatisfy { $0 == 1 })
    }

    @Test("a killed worker is replaced, and only films that were not written are fetched again")
    func killed() throws {
      let server = try fixture.startServer { $0.latency = .milliseconds(10) }
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "killed", server, films: 400, ["Shards": "1", "FilmsPerFile": "10", "LeaseSeconds": "3"])
      let payload = #"{"run":"mortal","requestsPerSecond":60}"#
      try fixture.cloud.aws(
        "lambda", "invoke", "--function-name", deployment.dispatcher, "--invocation-type", "Event",
        "--payload",
        payload,
        fixture.folder.path + "/none")
      // Kill the worker when it has written some of its files.
      try CloudFixture.waitUntil("80 requests are sent") { server.requests().count >= 80 }
      let victims = try fixture.workers(of: deployment)
      #expect(victims.count >= 1)
      for victim in victims { kill(victim, SIGKILL) }
      try deployment.wait(for: "\(deployment.prefix)/_runs/mortal/manifest.json")
      try deployment.expectAllFilms(selection)
      let repeated = server.creditsRequests.values.filter { $0 > 1 }.count
      #expect(repeated <= 10 + 64)
      #expect(server.creditsRequests.values.allSatisfy { $0 <= 2 })
    }
  }
}
