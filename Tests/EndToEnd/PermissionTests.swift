import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// MiniStack enforces what roles may do with S3, Lambda and Secrets Manager. It sends logs and dead events without
  /// asking, so of these two permissions the tests see only that they are there.
  @Suite("Permissions") struct PermissionTests {
    private let stage: Stage

    init() throws { stage = try Stage() }

    /// A permission, and what shows that it is gone.
    private struct Case {
      let sid: String
      let action: String
      let invoke: () throws -> [String: Any]
      let words: String
    }

    @Test(
      "sam deploy, twice, gives roles of which each permission is needed, and which allow no other bucket, prefix, function or secret"
    )
    func leastPrivilege() throws {
      let server = try stage.server()
      defer { server.stop() }
      let parameters = [
        "SourceBucket=least-source", "TmdbBaseUrl=\(server.baseURL)", "RequestsPerSecond=0", "Shards=2",
        "WorkerTimeout=5", "LeaseSeconds=3",
      ]
      for words in ["Successfully created", "No changes to deploy"] {
        let sam = try stage.cloud.sam(
          "least", bucket: "elenco-artifacts", home: stage.folder, parameters: parameters)
        #expect(sam.code == 0 && (sam.output + sam.errors).contains(words), "\(sam.output)\(sam.errors)")
      }
      let movies = try LocalCloud.movies(films: 100, in: stage.folder)
      let deployment = try stage.cloud.putInputs("least", movies: movies, token: "token")
      // First, while no worker knows the token yet.
      try expectNeeded(
        "Worker",
        [
          Case(
            sid: "ReadTheToken", action: "secretsmanager:GetSecretValue",
            invoke: { try work(deployment, run: "a") }, words: "secretsmanager:GetSecretValue")
        ])
      _ = try deployment.run(#"{"run":"done"}"#)
      let success =
        try #require(try deployment.keys().first { $0.contains("/Atores-T") })
        .split(separator: "/").dropLast().joined(separator: "/") + "/_SUCCESS"
      try deployment.wait(for: success)
      try dispatcher(deployment)
      try worker(deployment)
      try nothingElse(deployment)
    }

    private func work(_ deployment: Deployment, run: String, _ more: String = "") throws -> [String: Any] {
      try deployment.invoke(
        deployment.worker, "{\"run\":\"\(run)\",\"shard\":0,\"shards\":1,\"films\":[\"tt0000009\"]\(more)}")
    }

    private func dispatcher(_ deployment: Deployment) throws {
      func dispatch() throws -> [String: Any] {
        try deployment.invoke(deployment.dispatcher, "{\"run\":\"\(UUID().uuidString)\"}")
      }
      let runs = "s3://\(deployment.bucket)/\(deployment.prefix)/_runs/"
      try expectNeeded(
        "Dispatcher",
        [
          Case(sid: "TakeSuccessAway", action: "s3:DeleteObject", invoke: dispatch, words: "/_SUCCESS"),
          Case(
            sid: "ReadTheSource", action: "s3:GetObject", invoke: dispatch, words: "GET s3://least-source/"),
          Case(sid: "ReadAndWritePlans", action: "s3:GetObject", invoke: dispatch, words: "GET \(runs)"),
          Case(sid: "ReadAndWritePlans", action: "s3:PutObject", invoke: dispatch, words: "PUT \(runs)"),
          Case(sid: "ListTheRun", action: "s3:ListBucket", invoke: dispatch, words: "s3:ListBucket"),
          Case(
            sid: "InvokeWorkers", action: "lambda:InvokeFunction", invoke: dispatch,
            words: "lambda:InvokeFunction"),
        ], unseen: ["TellOfFailures", "Log"])
    }

    private func worker(_ deployment: Deployment) throws {
      func replay() throws -> [String: Any] {
        try deployment.invoke(deployment.worker, #"{"run":"done","shard":0}"#)
      }
      let folder = "s3://\(deployment.bucket)/\(deployment.prefix)/_runs/"
      try expectNeeded(
        "Worker",
        [
          Case(sid: "ReadAndWriteTheRun", action: "s3:GetObject", invoke: replay, words: "GET \(folder)"),
          Case(sid: "ReadAndWriteTheRun", action: "s3:PutObject", invoke: replay, words: "PUT \(folder)"),
          Case(sid: "ListTheRun", action: "s3:ListBucket", invoke: replay, words: "s3:ListBucket"),
          Case(
            sid: "InvokeWorkers", action: "lambda:InvokeFunction",
            invoke: {
              // Too slow for the 5 seconds that it has: it goes on in another invocation.
              try deployment.invoke(
                deployment.worker,
                #"{"run":"slow","shard":0,"shards":1,"requestsPerSecond":1,"films":["tt0000009","tt0000012","tt0000574","tt0000591","tt0000679","tt0000862"]}"#
              )
            }, words: "lambda:InvokeFunction"),
          Case(
            sid: "TakeSuccessAway", action: "s3:DeleteObject",
            invoke: {
              try makeIncomplete(deployment)
              return try replay()
            }, words: "/_SUCCESS"),
        ], unseen: ["ReadTheToken", "TellOfFailures", "Log"])
    }

    /// Makes the run `done`, which is complete, one that turns out not to be, and the day's folder its own again.
    private func makeIncomplete(_ deployment: Deployment) throws {
      let day = try #require(try deployment.keys().first { $0.contains("/_runs/_days/") })
      try stage.cloud.aws(
        "s3api", "put-object", "--bucket", deployment.bucket, "--key", day, "--body",
        try stage.folder.write("day.json", #"{"run":"done"}"#))
      let folder = "\(deployment.prefix)/_runs/done/"
      let report = String(decoding: try deployment.object(folder + "reports/T1.json"), as: UTF8.self)
      let file = try stage.folder.write(
        "report.json", report.replacing(#""state":"complete""#, with: #""state":"incomplete""#))
      try stage.cloud.aws(
        "s3api", "put-object", "--bucket", deployment.bucket, "--key", folder + "reports/T1.json", "--body",
        file)
    }

    private func nothingElse(_ deployment: Deployment) throws {
      let other = #","destination":{"bucket":"elenco-artifacts"}"#
      let elsewhere = #","destination":{"prefix":"Elsewhere"}"#
      for (more, words) in [(other, "s3://elenco-artifacts/"), (elsewhere, "/Elsewhere/")] {
        expectRefused(try work(deployment, run: "b", more), words)
        expectRefused(try deployment.invoke(deployment.dispatcher, "{\"run\":\"c\"\(more)}"), words)
      }
      expectRefused(
        try deployment.invoke(deployment.dispatcher, #"{"source":{"bucket":"elenco-artifacts","key":"x"}}"#),
        "s3://elenco-artifacts/x")
      try stage.cloud.aws("secretsmanager", "create-secret", "--name", "other")
      try deployment.configure(deployment.worker) { $0["TMDB_TOKEN_SECRET"] = "other" }
      expectRefused(try work(deployment, run: "e"), "GetSecretValue of other")
      try deployment.configure(deployment.dispatcher) { $0["ELENCO_WORKER_FUNCTION"] = deployment.dispatcher }
      expectRefused(
        try deployment.invoke(deployment.dispatcher, #"{"run":"d"}"#), "Invoke of \(deployment.dispatcher)")
    }

    private func expectRefused(_ answer: [String: Any], _ words: String) {
      let message = answer["errorMessage"] as? String ?? ""
      #expect(message.contains("AccessDenied") && message.contains(words), "\(words): \(answer)")
    }

    /// Takes each permission of a role away, and gives them back at the end.
    /// - Parameter unseen: statements whose loss does not show here.
    private func expectNeeded(_ role: String, _ cases: [Case], unseen: Set<String>? = nil) throws {
      let (roleName, policy) = try stage.cloud.policy(of: role, in: "least")
      let statements = try #require(policy["Statement"] as? [[String: Any]])
      if let unseen {
        let known = unseen.union(cases.map(\.sid))
        #expect(Set(statements.compactMap { $0["Sid"] as? String }) == known)
      }
      func put(_ statements: [[String: Any]]) throws {
        let document = policy.merging(["Statement": statements]) { $1 }
        try stage.cloud.aws(
          "iam", "put-role-policy", "--role-name", roleName, "--policy-name", role.lowercased(),
          "--policy-document",
          String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self))
      }
      for one in cases {
        try put(try without(one, statements))
        let answer = try one.invoke()
        let message = answer["errorMessage"] as? String ?? ""
        #expect(message.contains(one.words), "\(role) without \(one.action) of \(one.sid): \(answer)")
      }
      try put(statements)
    }

    private func without(_ one: Case, _ statements: [[String: Any]]) throws -> [[String: Any]] {
      var wasThere = false
      let rest = statements.compactMap { statement -> [String: Any]? in
        guard statement["Sid"] as? String == one.sid else { return statement }
        let actions = statement["Action"] as? [String] ?? [statement["Action"] as? String ?? ""]
        wasThere = actions.contains(one.action)
        let left = actions.filter { $0 != one.action }
        return left.isEmpty ? nil : statement.merging(["Action": left]) { $1 }
      }
      #expect(wasThere, "\(one.sid) has no \(one.action)")
      return rest
    }
  }
}
