import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// The commands that look at runs.
  @Suite("Commands that look at runs") struct CommandTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test("runs, status, follow and film find the runs, the latest one, and each film's bytes") func look()
      throws
    {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "commands", server, films: 400, ["Shards": "3", "FilmsPerFile": "10", "Format": "lines"])
      let empty = try deployment.elenco("runs")
      #expect(empty.code == 0 && empty.output.hasPrefix("no runs in s3://"))
      let none = try deployment.elenco("status")
      #expect(none.code == 1 && none.errors.contains("there is no run at"), "\(none.errors)")
      for name in ["first", "second"] { #expect(try deployment.run(#"{"run":"\#(name)"}"#).code == 0) }

      let listed = try deployment.elenco("runs", "--json")
      let list = try #require(
        try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [String: Any])
      let runs = try #require(list["runs"] as? [[String: Any]])
      #expect(runs.map { $0["run"] as? String } == ["second", "first"])
      #expect(runs.map { $0["state"] as? String } == ["complete", "replaced"])
      let present = selection.filter { Catalogue.credits(imdbID: $0) != nil }
      #expect(runs.allSatisfy { $0["filmsWritten"] as? Int == present.count })
      let newest = try deployment.elenco("runs", "--limit", "1")
      #expect(newest.output.contains("second") && newest.output.contains("1 older run not shown"))

      #expect(try deployment.elenco("status").output.hasPrefix("run second of"))
      let followed = try deployment.elenco("follow")
      #expect(
        followed.code == 0 && followed.output.contains("run        second: complete"), "\(followed.output)")

      // Where the film is, the AWS CLI finds the same line.
      let film = try #require(present.last)
      let found = try deployment.elenco("film", film)
      #expect(found.code == 0)
      #expect(
        found.output == String(decoding: try #require(Catalogue.credits(imdbID: film)), as: UTF8.self) + "\n")
      let placed = try deployment.elenco("film", film, "--json")
      let place = try #require(
        try JSONSerialization.jsonObject(with: Data(placed.output.utf8)) as? [String: Any])
      let lines = try deployment.object(try #require(place["key"] as? String)).split(separator: 10)
      let line = lines[try #require(place["line"] as? Int) - 1]
      #expect(line.starts(with: Data(#"{"imdb_id":"\#(film)","#.utf8)))

      let absent = try #require(selection.first { Catalogue.credits(imdbID: $0) == nil })
      let missing = try deployment.elenco("film", absent)
      #expect(missing.code == 1 && missing.output == "" && missing.errors.contains("absent from TMDB"))
      let other = try deployment.elenco("film", "tt9999999", "--run", "first")
      #expect(
        other.code == 1 && other.errors.contains("run first did not select tt9999999"), "\(other.errors)")
      // The folder's files are the second run's.
      let replaced = try deployment.elenco("film", film, "--run", "first")
      #expect(
        replaced.code == 1 && replaced.output == "" && replaced.errors.contains("Run first was replaced"),
        "\(replaced.errors)")
    }

    @Test("logs prints the lines of a run's invocations in order, by shard too, and follows a run to its end")
    func logs() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, _) = try fixture.deploy(
        "logs", server, films: 200, ["Shards": "3", "FilmsPerFile": "10"])
      let none = try deployment.elenco("logs")
      #expect(none.code == 1 && none.errors.contains("there is no run at"), "\(none.errors)")
      for name in ["first", "second"] { #expect(try deployment.run(#"{"run":"\#(name)"}"#).code == 0) }

      // The last invocation of a worker logs its end shortly after the run's.
      var lines: [[String: Any]] = []
      try CloudFixture.waitUntil("every shard's worker has logged its end") {
        let result = try deployment.elenco("logs", "first", "--json")
        try #require(result.code == 0 && result.errors == "", "\(result.errors)")
        lines = try result.output.split(separator: "\n").map {
          try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        return Set(
          lines.filter { $0["message"] as? String == "shard complete" }.compactMap { $0["shard"] as? Int })
          == [0, 1, 2]
      }
      // The AWS CLI finds the same lines that name the run.
      let named = try ["dispatcher", "worker"].flatMap { function -> [String] in
        let name = function == "worker" ? deployment.worker : deployment.dispatcher
        let found = try fixture.cloud.aws(
          "logs", "filter-log-events", "--log-group-name", "/aws/lambda/\(name)", "--query",
          "events[].message",
          "--output", "json")
        let messages = try #require(try JSONSerialization.jsonObject(with: Data(found.utf8)) as? [String])
        return try messages.compactMap { message in
          let line = try? JSONSerialization.jsonObject(with: Data(message.utf8)) as? [String: Any]
          guard line?["run"] as? String == "first" else { return nil }
          return "\(try #require(line?["timestamp"])) \(function) \(try #require(line?["message"]))"
        }
      }
      let printed = lines.filter { $0["run"] != nil }.map {
        "\($0["time"] ?? "") \($0["function"] ?? "") \($0["message"] ?? "")"
      }
      #expect(printed.sorted() == named.sorted())
      let times = lines.filter { $0["level"] != nil }.compactMap { $0["time"] as? String }
      #expect(times == times.sorted())
      // What does not name the run belongs to an invocation that does.
      let requests = Set(lines.filter { $0["run"] != nil }.compactMap { $0["requestId"] as? String })
      #expect(Set(lines.compactMap { $0["requestId"] as? String }) == requests)
      #expect(lines.contains { ($0["message"] as? String)?.hasPrefix("REPORT RequestId: ") == true })

      let shard = try deployment.elenco("logs", "second", "--shard", "1", "--follow")
      #expect(shard.code == 0 && shard.output.contains("shard 1     shard complete"), "\(shard.errors)")
      #expect(!shard.output.contains("shard 0") && !shard.output.contains("run planned"))
    }

    /// What docs/operating.md lists for the command line, by command.
    private static let permissions: [(command: [String], actions: [String])] = [
      (["plan", "--function", "DISPATCHER"], ["lambda:InvokeFunction"]),
      (["runs"], ["s3:ListBucket", "s3:GetObject"]), (["status"], ["s3:ListBucket", "s3:GetObject"]),
      (["follow"], ["s3:ListBucket", "s3:GetObject"]),
      (["verify", "RUN"], ["s3:ListBucket", "s3:GetObject"]),
      (["film", "FILM"], ["s3:ListBucket", "s3:GetObject"]),
      (["report", "--out", "FILE"], ["s3:ListBucket", "s3:GetObject"]),
      (["logs"], ["s3:ListBucket", "s3:GetObject", "logs:FilterLogEvents"]),
      (
        ["replay", "RUN", "--shard", "0"], ["lambda:InvokeFunction", "s3:ListBucket", "s3:GetObject"]
      ),
      // A marked run is not marked again, so the permission to mark it is the first that is taken away.
      (
        ["cancel", "RUN"],
        ["s3:PutObject", "lambda:InvokeFunction", "s3:ListBucket", "s3:GetObject"]
      ),
      // The last one, because the new run replaces the other.
      (["run", "--function", "DISPATCHER"], ["lambda:InvokeFunction", "s3:ListBucket", "s3:GetObject"]),
    ]

    @Test("each command works with the permissions that are documented for it, and names one that is missing")
    func permissions() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy("person", server, films: 60, ["Shards": "2"])
      #expect(try deployment.run(#"{"run":"done"}"#).code == 0)
      let film = try #require(selection.first { Catalogue.credits(imdbID: $0) != nil })
      let cloud = fixture.cloud
      try cloud.aws("iam", "create-user", "--user-name", "person")
      let keys = try cloud.aws(
        "iam", "create-access-key", "--user-name", "person", "--query",
        "AccessKey.[AccessKeyId,SecretAccessKey]", "--output", "text"
      ).split(whereSeparator: \.isWhitespace).map(String.init)
      var environment = cloud.environment
      (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]) = (keys[0], keys[1])
      environment["ELENCO_BUCKET"] = deployment.bucket
      environment["ELENCO_PREFIX"] = deployment.prefix
      environment["ELENCO_WORKER_FUNCTION"] = deployment.worker
      let names = [
        "DISPATCHER": deployment.dispatcher, "RUN": "done", "FILM": film,
        "FILE": fixture.folder.path + "/report.html",
      ]
      func run(_ command: [String], allowing actions: [String]) throws -> ChildProcess.Result {
        try allow(actions, deployment)
        return try ChildProcess.result(
          LocalCloud.elenco(), command.map { names[$0] ?? $0 }, environment: environment)
      }
      for (command, actions) in Self.permissions {
        if command.first == "cancel" {
          // Without its report, the run has not ended.
          try cloud.aws(
            "s3api", "delete-object", "--bucket", deployment.bucket, "--key",
            "\(deployment.prefix)/_runs/done/reports/T1.json")
        }
        for action in actions {
          let denied = try run(command, allowing: actions.filter { $0 != action })
          #expect(denied.code == 1 && denied.errors.contains(action), "\(command): \(denied.errors)")
        }
        let result = try run(command, allowing: actions)
        #expect(result.code == 0, "\(command): \(result.errors)")
      }
    }

    /// Gives the user `person` only these permissions, on the resources that docs/operating.md names.
    private func allow(_ actions: [String], _ deployment: Deployment) throws {
      let resources = [
        "lambda:InvokeFunction": [deployment.worker, deployment.dispatcher].map {
          "arn:aws:lambda:*:*:function:\($0)"
        },
        "s3:ListBucket": ["arn:aws:s3:::\(deployment.bucket)"],
        "s3:GetObject": ["arn:aws:s3:::\(deployment.bucket)/\(deployment.prefix)/*"],
        "s3:PutObject": ["arn:aws:s3:::\(deployment.bucket)/\(deployment.prefix)/_runs/_days/*"],
        "logs:FilterLogEvents": [deployment.worker, deployment.dispatcher].map {
          "arn:aws:logs:*:*:log-group:/aws/lambda/\($0)*"
        },
      ]
      // A policy must allow something.
      var statements: [[String: Any]] = [
        ["Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"]
      ]
      for action in actions {
        statements.append(
          ["Effect": "Allow", "Action": action, "Resource": try #require(resources[action])])
      }
      let policy: [String: Any] = ["Version": "2012-10-17", "Statement": statements]
      try fixture.cloud.aws(
        "iam", "put-user-policy", "--user-name", "person", "--policy-name", "person", "--policy-document",
        String(decoding: try JSONSerialization.data(withJSONObject: policy), as: UTF8.self))
    }
  }
}
