import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// MiniStack enforces the roles' permissions for S3, Lambda and Secrets Manager. It writes logs and sends failed events
  /// without checking permissions, so for these two the tests check only that the statements exist.
  @Suite("Permissions") struct PermissionTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    /// A permission, an invocation that needs it, and the text of the error when it is missing.
    private struct Case {
      let sid: String
      let action: String
      let invoke: () throws -> [String: Any]
      let text: String
    }

    @Test(
      "a stack of sam deploy: each permission of its roles is needed, and they allow no other bucket, prefix, function or secret"
    )
    func leastPrivilege() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let parameters = [
        "SourceBucket=least-source", "TmdbBaseUrl=\(server.baseURL)", "RequestsPerSecond=0", "Shards=2",
        "WorkerTimeout=5", "LeaseSeconds=3",
      ]
      for text in ["Successfully created", "No changes to deploy"] {
        let sam = try fixture.cloud.sam(
          "least", bucket: "elenco-artifacts", home: fixture.folder, parameters: parameters)
        #expect(sam.code == 0 && (sam.output + sam.errors).contains(text), "\(sam.output)\(sam.errors)")
      }
      let movies = try LocalCloud.movies(films: 100, in: fixture.folder)
      let deployment = try fixture.cloud.putInputs("least", movies: movies, token: "token")
      // This comes first, because a worker that has read the token keeps it.
      try expectNeeded(
        "Worker",
        [
          Case(
            sid: "ReadTheToken", action: "secretsmanager:GetSecretValue",
            invoke: { try work(deployment, run: "a") }, text: "secretsmanager:GetSecretValue")
        ])
      _ = try deployment.run(#"{"run":"done","onExisting":"replace"}"#)
      let success =
        try #require(try deployment.keys().first { $0.contains("/Atores-T") })
        .split(separator: "/").dropLast().joined(separator: "/") + "/_SUCCESS"
      try deployment.wait(for: success)
      try checkDispatcher(deployment)
      try checkWorker(deployment)
      try checkQualifiedWorker(deployment)
      try expectNothingElseAllowed(deployment)
    }

    private func work(_ deployment: Deployment, run: String, _ more: String = "") throws -> [String: Any] {
      try deployment.invoke(
        deployment.worker, "{\"run\":\"\(run)\",\"shard\":0,\"shards\":1,\"films\":[\"tt0000009\"]\(more)}")
    }

    private func checkDispatcher(_ deployment: Deployment) throws {
      func dispatch() throws -> [String: Any] {
        try deployment.invoke(deployment.dispatcher, "{\"run\":\"\(UUID().uuidString)\"}")
      }
      func refresh() throws -> [String: Any] {
        try deployment.invoke(
          deployment.dispatcher,
          "{\"run\":\"\(UUID().uuidString)\",\"refresh\":\"changed\",\"base\":\"done\"}")
      }
      let runs = "s3://\(deployment.bucket)/\(deployment.prefix)/_runs/"
      try expectNeeded(
        "Dispatcher",
        [
          // This comes first, because a dispatcher that has read the token keeps it.
          Case(
            sid: "ReadTheToken", action: "secretsmanager:GetSecretValue", invoke: refresh,
            text: "secretsmanager:GetSecretValue"),
          Case(
            sid: "ReadTheBase", action: "s3:GetObject",
            invoke: {
              // Without its index, the shard's data files are read.
              try fixture.cloud.aws(
                "s3api", "delete-object", "--bucket", deployment.bucket, "--key",
                "\(deployment.prefix)/_runs/done/index/T0.csv")
              return try refresh()
            }, text: "/Atores-T0-1.json"),
          Case(sid: "DeleteSuccess", action: "s3:DeleteObject", invoke: dispatch, text: "/_SUCCESS"),
          Case(
            sid: "ReadTheSource", action: "s3:GetObject", invoke: dispatch, text: "GET s3://least-source/"),
          Case(sid: "ReadAndWritePlans", action: "s3:GetObject", invoke: dispatch, text: "GET \(runs)"),
          Case(sid: "ReadAndWritePlans", action: "s3:PutObject", invoke: dispatch, text: "PUT \(runs)"),
          Case(sid: "ListTheRun", action: "s3:ListBucket", invoke: dispatch, text: "s3:ListBucket"),
          Case(
            sid: "InvokeWorkers", action: "lambda:InvokeFunction", invoke: dispatch,
            text: "lambda:InvokeFunction"),
        ], others: ["SendFailedEvents", "Log"])
    }

    private func checkWorker(_ deployment: Deployment) throws {
      // The dispatcher's runs have replaced it.
      try giveFolder(of: deployment, to: "done")
      func replay() throws -> [String: Any] {
        try deployment.invoke(deployment.worker, #"{"run":"done","shard":0}"#)
      }
      let folder = "s3://\(deployment.bucket)/\(deployment.prefix)/_runs/"
      try expectNeeded(
        "Worker",
        [
          Case(sid: "ReadAndWriteTheRun", action: "s3:GetObject", invoke: replay, text: "GET \(folder)"),
          Case(sid: "ReadAndWriteTheRun", action: "s3:PutObject", invoke: replay, text: "PUT \(folder)"),
          Case(sid: "ListTheRun", action: "s3:ListBucket", invoke: replay, text: "s3:ListBucket"),
          Case(
            sid: "InvokeWorkers", action: "lambda:InvokeFunction",
            invoke: {
              // Six films do not fit into the timeout of 5 seconds at this rate, so the worker invokes the next hop.
              try deployment.invoke(
                deployment.worker,
                #"{"run":"slow","destination":{"prefix":"\#(deployment.prefix)/slow"},"shard":0,"shards":1,"requestsPerSecond":1,"films":["tt0000009","tt0000012","tt0000574","tt0000591","tt0000679","tt0000862"]}"#
              )
            }, text: "lambda:InvokeFunction"),
          Case(
            sid: "DeleteLeftovers", action: "s3:DeleteObject",
            invoke: {
              try put("", try dayFolder(deployment) + "/Atores-T9-9.json", deployment)
              return try replay()
            }, text: "/Atores-T9-9.json"),
          Case(
            sid: "DeleteSuccess", action: "s3:DeleteObject",
            invoke: {
              try put("", try dayFolder(deployment) + "/_SUCCESS", deployment)
              try makeIncomplete(deployment)
              return try replay()
            }, text: "/_SUCCESS"),
        ], others: ["ReadTheToken", "SendFailedEvents", "Log"])
    }

    /// A dispatcher whose worker is named by alias or version invokes it, because the policy also covers qualified ARNs.
    private func checkQualifiedWorker(_ deployment: Deployment) throws {
      let cloud = fixture.cloud
      try cloud.aws("lambda", "publish-version", "--function-name", deployment.worker)
      try cloud.aws(
        "lambda", "create-alias", "--function-name", deployment.worker, "--name", "live",
        "--function-version", "1")
      let (roleName, policy) = try cloud.policy(of: "Dispatcher", in: "least")
      func put(_ edit: ([String]) -> [String]) throws {
        let statements = try #require(policy["Statement"] as? [[String: Any]]).map { statement in
          guard statement["Sid"] as? String == "InvokeWorkers" else { return statement }
          return statement.merging(["Resource": edit(statement["Resource"] as? [String] ?? [])]) { $1 }
        }
        let document = try JSONSerialization.data(
          withJSONObject: policy.merging(["Statement": statements]) { $1 })
        try cloud.aws(
          "iam", "put-role-policy", "--role-name", roleName, "--policy-name", "dispatcher",
          "--policy-document",
          String(decoding: document, as: UTF8.self))
      }
      for qualifier in ["live", "1"] {
        let worker = "\(deployment.worker):\(qualifier)"
        try deployment.configure(deployment.dispatcher) { $0["ELENCO_WORKER_FUNCTION"] = worker }
        let dispatch = "{\"run\":\"qualified-\(qualifier)\",\"onExisting\":\"replace\"}"
        try put { $0.filter { !$0.hasSuffix(":*") } }
        expectDenied(try deployment.invoke(deployment.dispatcher, dispatch), "Invoke of \(worker)")
        try put { $0 }
        let response = try deployment.invoke(deployment.dispatcher, dispatch)
        #expect(response["invoked"] as? Int == 2, "\(response)")
      }
      try deployment.configure(deployment.dispatcher) { $0["ELENCO_WORKER_FUNCTION"] = deployment.worker }
    }

    /// Makes a run the owner of the day's folder.
    private func giveFolder(of deployment: Deployment, to run: String) throws {
      let day = try #require(try deployment.keys().first { $0.contains("/_runs/_days/") })
      try put("{\"run\":\"\(run)\"}", day, deployment)
    }

    private func put(_ text: String, _ key: String, _ deployment: Deployment) throws {
      try fixture.cloud.aws(
        "s3api", "put-object", "--bucket", deployment.bucket, "--key", key, "--body",
        try fixture.folder.write("object", text))
    }

    /// The key of the folder of the data files, without a slash at its end.
    private func dayFolder(_ deployment: Deployment) throws -> String {
      let key = try #require(try deployment.keys().first { $0.contains("/Atores-T") })
      return key.split(separator: "/").dropLast().joined(separator: "/")
    }

    /// Makes the complete run `done` incomplete.
    private func makeIncomplete(_ deployment: Deployment) throws {
      let folder = "\(deployment.prefix)/_runs/done/"
      let report = String(decoding: try deployment.object(folder + "reports/T1.json"), as: UTF8.self)
      try put(
        report.replacing(#""state":"complete""#, with: #""state":"incomplete""#), folder + "reports/T1.json",
        deployment)
    }

    private func expectNothingElseAllowed(_ deployment: Deployment) throws {
      let other = #","destination":{"bucket":"elenco-artifacts"}"#
      let elsewhere = #","destination":{"prefix":"Elsewhere"}"#
      for (more, text) in [(other, "s3://elenco-artifacts/"), (elsewhere, "/Elsewhere/")] {
        expectDenied(try work(deployment, run: "b", more), text)
        expectDenied(try deployment.invoke(deployment.dispatcher, "{\"run\":\"c\"\(more)}"), text)
      }
      expectDenied(
        try deployment.invoke(deployment.dispatcher, #"{"source":{"bucket":"elenco-artifacts","key":"x"}}"#),
        "s3://elenco-artifacts/x")
      try fixture.cloud.aws("secretsmanager", "create-secret", "--name", "other")
      try deployment.configure(deployment.worker) { $0["TMDB_TOKEN_SECRET"] = "other" }
      let below = ",\"destination\":{\"prefix\":\"\(deployment.prefix)/below\"}"
      expectDenied(try work(deployment, run: "e", below), "GetSecretValue of other")
      try deployment.configure(deployment.dispatcher) { $0["ELENCO_WORKER_FUNCTION"] = deployment.dispatcher }
      expectDenied(
        try deployment.invoke(deployment.dispatcher, #"{"run":"d","onExisting":"replace"}"#),
        "Invoke of \(deployment.dispatcher)")
    }

    private func expectDenied(_ response: [String: Any], _ text: String) {
      let message = response["errorMessage"] as? String ?? ""
      #expect(message.contains("AccessDenied") && message.contains(text), "\(text): \(response)")
    }

    /// Removes each permission of a role in turn and expects the error, then restores the policy.
    /// - Parameter others: the Sids of the statements that `cases` does not cover; nil skips the check that `cases` and
    ///   `others` cover the whole policy.
    private func expectNeeded(_ role: String, _ cases: [Case], others: Set<String>? = nil) throws {
      let (roleName, policy) = try fixture.cloud.policy(of: role, in: "least")
      let statements = try #require(policy["Statement"] as? [[String: Any]])
      if let others {
        let known = others.union(cases.map(\.sid))
        #expect(Set(statements.compactMap { $0["Sid"] as? String }) == known)
      }
      func put(_ statements: [[String: Any]]) throws {
        let document = policy.merging(["Statement": statements]) { $1 }
        try fixture.cloud.aws(
          "iam", "put-role-policy", "--role-name", roleName, "--policy-name", role.lowercased(),
          "--policy-document",
          String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self))
      }
      for each in cases {
        try put(try without(each, statements))
        let response = try each.invoke()
        let message = response["errorMessage"] as? String ?? ""
        #expect(message.contains(each.text), "\(role) without \(each.action) of \(each.sid): \(response)")
      }
      try put(statements)
    }

    private func without(_ permission: Case, _ statements: [[String: Any]]) throws -> [[String: Any]] {
      var isFound = false
      let rest = statements.compactMap { statement -> [String: Any]? in
        guard statement["Sid"] as? String == permission.sid else { return statement }
        let actions = statement["Action"] as? [String] ?? [statement["Action"] as? String ?? ""]
        isFound = actions.contains(permission.action)
        let remaining = actions.filter { $0 != permission.action }
        return remaining.isEmpty ? nil : statement.merging(["Action": remaining]) { $1 }
      }
      #expect(isFound, "\(permission.sid) does not allow \(permission.action)")
      return rest
    }
  }
}
