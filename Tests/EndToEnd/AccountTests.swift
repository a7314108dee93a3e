import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// What a user sees who deploys Elenco to an AWS account and operates it there.
  @Suite("In an AWS account") struct AccountTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test(
      "make deploy prints what it created and the next steps; a second deploy changes nothing; a deleted stack leaves only the bucket and its data"
    )
    func stackLifeCycle() throws {
      let cloud = fixture.cloud
      func makeDeploy(_ variables: [String: String] = [:]) throws -> ChildProcess.Result {
        try ChildProcess.result(
          SharedData.package.path + "/infra/deploy-to-account", [],
          environment: cloud.environment.merging(
            [
              "STACK": "life", "ALARM_EMAIL": "ops@example.com", "SCHEDULE": "cron(0 3 ? * SUN *)",
            ].merging(variables) { $1 }
          ) { $1 })
      }
      let first = try makeDeploy()
      #expect(first.code == 0, "\(first.errors)")
      let artifacts = "elenco-artifacts-000000000000-us-east-1"
      for text in [
        "created the bucket s3://\(artifacts)", "secretsmanager put-secret-value",
        "aws s3 cp --region us-east-1 movies.csv s3://",
        "--function-name life-dispatcher --payload '{}'", "ops@example.com",
        "export ELENCO_BUCKET=life-bucket-", " ELENCO_WORKER_FUNCTION=life-worker",
      ] {
        #expect(first.output.contains(text), "\(text): \(first.output)")
      }
      #expect(!first.output.contains("raw-in-base64-out"))
      // If version 2 of the AWS CLI is on the user's PATH, the printed commands use its syntax.
      _ = try fixture.folder.write("aws", "#!/bin/sh\necho aws-cli/2.31.1 Python/3.13.7 Linux\n")
      #expect(chmod(fixture.folder.path + "/aws", 0o700) == 0)
      let second = try makeDeploy(["PATH": "\(fixture.folder.path):\(cloud.environment["PATH"] ?? "")"])
      #expect(second.code == 0 && second.errors.contains("No changes to deploy"), "\(second.errors)")
      #expect(
        second.output.contains("--cli-binary-format raw-in-base64-out --payload '{}'"), "\(second.output)")

      let bucket = try cloud.output("life", "BucketName")
      let movies = try fixture.folder.write("movies.csv", "data")
      _ = try cloud.putInputs("life", movies: movies, token: "")
      try cloud.aws("cloudformation", "delete-stack", "--stack-name", "life")
      try cloud.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", "life")
      #expect(try leftovers() == [bucket])
      let kept = try cloud.aws(
        "s3api", "list-objects-v2", "--bucket", bucket, "--query", "Contents[].Key", "--output", "text")
      #expect(kept == "Raw/Local/CSV/Movies/movies.csv\n")
    }

    /// Returns the names of the stack `life`'s resources that still exist.
    private func leftovers() throws -> [String] {
      let lists = [
        ["s3api", "list-buckets", "--query", "Buckets[].Name"],
        ["lambda", "list-functions", "--query", "Functions[].FunctionName"],
        ["iam", "list-roles", "--query", "Roles[].RoleName"],
        ["logs", "describe-log-groups", "--query", "logGroups[].logGroupName"],
        ["secretsmanager", "list-secrets", "--query", "SecretList[].Name"],
        [
          "sqs", "list-queues", "--query", "QueueUrls", "--endpoint-url",
          fixture.cloud.environment["AWS_ENDPOINT_URL"] ?? "",
        ],
        ["sns", "list-topics", "--query", "Topics[].TopicArn"],
        ["cloudwatch", "describe-alarms", "--query", "MetricAlarms[].AlarmName"],
        ["cloudwatch", "list-dashboards", "--query", "DashboardEntries[].DashboardName"],
        ["scheduler", "list-schedules", "--query", "Schedules[].Name"],
        ["events", "list-rules", "--query", "Rules[].Name"],
      ]
      return try lists.flatMap { arguments in
        let result = try fixture.cloud.awsResult(arguments + ["--output", "text"])
        #expect(result.code == 0, "\(arguments): \(result.errors)")
        return result.output.split { $0.isWhitespace }.map(String.init)
          .filter { $0.split { ":/".contains($0) }.contains { $0 == "life" || $0.hasPrefix("life-") } }
      }
    }

    @Test("an empty or stale token is reported with the command that sets it, which is all that is needed")
    func token() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      // A secret that never had a value. MiniStack gives the stack's own secret an empty value instead.
      let arn = try fixture.cloud.json("secretsmanager", "create-secret", "--name", "bare", "--query", "ARN")
      let secret = try #require(arn as? String)
      let (deployment, _) = try fixture.deploy(
        "token", server, films: 100, token: "", ["Shards": "1", "TokenSecretArn": secret])
      let empty = try deployment.run()
      #expect(empty.code == 1)
      #expect(
        empty.output.contains("aws secretsmanager put-secret-value --secret-id \(secret)"), "\(empty.output)")
      for (value, code, text) in [("stale", 1, "refused the token"), ("token", 0, "complete")] {
        try fixture.cloud.aws(
          "secretsmanager", "put-secret-value", "--secret-id", secret, "--secret-string", value)
        let result = try deployment.run()
        #expect(
          result.code == code && result.output.contains(text), "\(value): \(result.output)\(result.errors)")
      }
    }

    @Test("the schedule fires; its event names the run, and a second delivery starts no other run")
    func schedule() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, _) = try fixture.deploy(
        "clockwork", server, films: 100,
        ["Shards": "1", "FilmsPerFile": "10", "ScheduleExpression": "at(2026-01-01T00:00:00)"])
      let text = try fixture.cloud.aws("scheduler", "get-schedule", "--name", "clockwork")
      var schedule = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(schedule["State"] as? String == "DISABLED")
      var target = try #require(schedule["Target"] as? [String: Any])
      #expect((target["RetryPolicy"] as? [String: Any])?["MaximumRetryAttempts"] as? Int == 10)
      #expect(
        ((target["DeadLetterConfig"] as? [String: Any])?["Arn"] as? String)?.contains("FailureQueue") == true)

      // The event with the time that EventBridge Scheduler fills in.
      let event = try #require(target.removeValue(forKey: "Input") as? String)
        .replacing("<aws.scheduler.scheduled-time>", with: "2026-11-22T03:00:00Z")
      try expectOneRun(deployment, event, run: "20261122T030000Z-clockwor")

      // MiniStack does not fill in the time. Without an Input, it sends EventBridge Scheduler's default event.
      schedule["State"] = "ENABLED"
      schedule["Target"] = target
      let accepted = ["Name", "State", "ScheduleExpression", "FlexibleTimeWindow", "Target"]
      let update = try JSONSerialization.data(withJSONObject: schedule.filter { accepted.contains($0.key) })
      try fixture.cloud.aws(
        "scheduler", "update-schedule", "--cli-input-json", String(decoding: update, as: UTF8.self))
      let folder = "\(deployment.prefix)/_runs/"
      var manifestKey: String?
      try CloudFixture.waitUntil("the schedule's run has ended") {
        manifestKey = try deployment.keys().first {
          $0.hasPrefix(folder) && $0.hasSuffix("/manifest.json") && !$0.contains("-clockwor/")
        }
        return manifestKey != nil
      }
      let run = try #require(manifestKey).dropFirst(folder.count).prefix { $0 != "/" }
      let (time, id) = (run.prefix(16), run.dropFirst(17))
      #expect(id.count == 8)
      func part(_ start: Int, _ count: Int) -> Substring { time.dropFirst(start).prefix(count) }
      let iso = "\(part(0, 4))-\(part(4, 2))-\(part(6, 2))T\(part(9, 2)):\(part(11, 2)):\(part(13, 2))Z"
      try expectOneRun(
        deployment,
        #"{"version":"0","id":"\#(id)-0","detail-type":"Scheduled Event","source":"aws.scheduler","time":"\#(iso)","detail":"{}"}"#,
        run: String(run))
    }

    /// Sends an event twice, and expects one run with this name; sent once more, the event invokes no worker.
    private func expectOneRun(_ deployment: Deployment, _ event: String, run: String) throws {
      for _ in 0..<2 {
        let response = try deployment.invoke(deployment.dispatcher, event)
        #expect(response["run"] as? String == run, "\(response)")
        try deployment.wait(for: "\(deployment.prefix)/_runs/\(run)/manifest.json")
      }
      let again = try deployment.invoke(deployment.dispatcher, event)
      #expect(again["invoked"] as? Int == 0, "\(again)")
    }

    @Test(
      "metrics add up to the manifest; alarms and dashboard use existing metrics; failed events go to the queue"
    )
    func metrics() throws {
      let movies = try LocalCloud.movies(films: 300, in: fixture.folder)
      let film = try #require(
        try LocalCloud.selection(of: movies).first { Catalogue.credits(imdbID: $0) != nil })
      let server = try fixture.startServer {
        $0.failRules = [try FaultRule(parsing: "id=\(film) times=5 status=500")]
      }
      defer { server.stop() }
      let (deployment, _) = try fixture.deploy(
        "metrics", server, films: 300,
        [
          "Shards": "3", "FilmsPerFile": "10", "AlarmEmail": "ops@example.com", "Tracing": "Active",
          "KmsKeyArns": Self.keys.joined(separator: ","),
        ])
      _ = try deployment.run(#"{"run":"one"}"#)
      // The replay adds the file that the run left incomplete.
      for shard in 0..<3 {
        _ = try deployment.invoke(deployment.worker, "{\"run\":\"one\",\"shard\":\(shard)}")
      }
      let manifest = try deployment.json("\(deployment.prefix)/_runs/one/manifest.json")
      #expect(manifest["isComplete"] as? Bool == true)

      let lines = try metricLines("metrics-dispatcher") + metricLines("metrics-worker")
      #expect(lines.allSatisfy { $0.stack == "metrics" && $0.run == "one" })
      func values(_ name: String) -> [Double] { lines.compactMap { $0.values[name] } }
      func sum(_ name: String) -> Int { Int(values(name).reduce(0, +)) }
      func count(_ name: String) -> Int? { (manifest[name] as? [Any])?.count }
      #expect(sum("Films") == manifest["filmsWritten"] as? Int)
      #expect(sum("FilmsAbsent") == count("absent"))
      #expect(sum("FilmsFailed") == 1)
      #expect(sum("Files") == count("files"))
      #expect(sum("Requests") == server.requests().count)
      #expect(sum("FilmsSelected") == manifest["films"] as? Int)
      #expect(sum("RunsDispatched") == 1 && sum("RunsEnded") == 1 && sum("ShardsInvoked") == 3)
      // The dispatcher records 1 in advance, and the workers that end the run record 0, all for the same time.
      #expect(
        values("RunUnfinished").first == 1 && values("RunUnfinished").dropFirst().allSatisfy { $0 == 0 })
      #expect(values("RunUnfinished").count >= 2)
      #expect(Set(lines.filter { $0.values["RunUnfinished"] != nil }.map(\.timestamp)).count == 1)

      let emitted = Set(lines.flatMap(\.values.keys))
      let alarms = try fixture.cloud.json(
        "cloudwatch", "describe-alarms", "--alarm-name-prefix", "metrics-", "--query",
        "MetricAlarms[].[Namespace,MetricName,Dimensions[0].Name,Dimensions[0].Value,AlarmActions[0]]")
      let rows = try #require(alarms as? [[String]])
      #expect(rows.count == 7)
      let elencoAlarms = rows.filter { $0[0] == "Elenco" }
      #expect(
        elencoAlarms.count == 3
          && elencoAlarms.allSatisfy { emitted.contains($0[1]) && $0[2...3] == ["Stack", "metrics"] })
      #expect(rows.allSatisfy { $0[4].contains("AlarmTopic") })
      let board = try #require(
        try fixture.cloud.json("cloudwatch", "get-dashboard", "--dashboard-name", "metrics-us-east-1")
          as? [String: Any])
      let body = try #require(board["DashboardBody"] as? String)
      #expect(body.contains(#"["Elenco", "Films", "Stack", "metrics"]"#))
      let shown = try Set(
        body.matches(of: Regex(#"\["(?:Elenco|\.)", "([A-Za-z]+)", "(?:Stack|\.)""#)).compactMap {
          $0.output[1].substring.map(String.init)
        })
      #expect(shown.subtracting(emitted) == ["Throttles", "Errors"] && shown.count > 12, "\(shown)")

      try expectFailedEventsQueued(deployment)
      try expectTraced("metrics", deployment)
      for role in ["Dispatcher", "Worker"] {
        let statements =
          try fixture.cloud.policy(of: role, in: "metrics").document["Statement"] as? [[String: Any]]
        let use = statements?.first { $0["Sid"] as? String == "UseKeys" }
        #expect(use?["Action"] as? [String] == ["kms:Decrypt", "kms:GenerateDataKey"])
        #expect(use?["Resource"] as? [String] == Self.keys)
      }
    }

    private static let keys = ["a", "b"].map { "arn:aws:kms:us-east-1:000000000000:key/\($0)" }

    /// Expects that X-Ray tracing is active, and that both roles may send trace data.
    private func expectTraced(_ stack: String, _ deployment: Deployment) throws {
      for (function, role) in [(deployment.dispatcher, "Dispatcher"), (deployment.worker, "Worker")] {
        let mode = try fixture.cloud.json(
          "lambda", "get-function-configuration", "--function-name", function, "--query", "TracingConfig.Mode"
        )
        #expect(mode as? String == "Active")
        let policy = try fixture.cloud.policy(of: role, in: stack).document
        let statements = policy["Statement"] as? [[String: Any]] ?? []
        let trace = statements.first { $0["Sid"] as? String == "Trace" }
        #expect(trace?["Action"] as? [String] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"])
      }
    }

    /// Expects that an event that fails in every attempt reaches the queue with its payload and the error.
    private func expectFailedEventsQueued(_ deployment: Deployment) throws {
      for function in [deployment.dispatcher, deployment.worker] {
        try fixture.cloud.aws(
          "lambda", "invoke", "--function-name", function, "--invocation-type", "Event", "--payload",
          #"{"shrads":1}"#, fixture.folder.path + "/none")
      }
      let queue = try fixture.cloud.output("metrics", "FailureQueueUrl")
      // Version 1 of the AWS CLI sends SQS requests to a legacy AWS endpoint, even if AWS_ENDPOINT_URL is set.
      let endpoint = try #require(fixture.cloud.environment["AWS_ENDPOINT_URL"])
      var bodies: [String] = []
      for _ in 0..<20 where bodies.count < 2 {
        let messages = try fixture.cloud.json(
          "sqs", "receive-message", "--endpoint-url", endpoint, "--queue-url", queue, "--wait-time-seconds",
          "5", "--query",
          "Messages[].Body")
        bodies += messages as? [String] ?? []
      }
      #expect(bodies.count == 2)
      #expect(
        bodies.allSatisfy {
          $0.contains("RetriesExhausted") && $0.contains("shrads") && $0.contains("InvalidEvent")
        })
    }

    private struct MetricLine {
      let run: String?
      let stack: String?
      let timestamp: Int
      let values: [String: Double]
    }

    /// Reads the lines of a function's log that are in CloudWatch's embedded metric format.
    private func metricLines(_ function: String) throws -> [MetricLine] {
      let messages = try fixture.cloud.json(
        "logs", "filter-log-events", "--log-group-name", "/aws/lambda/\(function)", "--query",
        "events[].message")
      let lines = (messages as? [String] ?? []).flatMap { $0.split(separator: "\n") }
      return try lines.compactMap { line in
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
          let directive = object["_aws"] as? [String: Any]
        else { return nil }
        let sets = try #require(directive["CloudWatchMetrics"] as? [[String: Any]])
        #expect(sets.count == 1 && sets[0]["Dimensions"] as? [[String]] == [["Stack"]])
        let names = try #require(sets[0]["Metrics"] as? [[String: String]]).compactMap { $0["Name"] }
        return MetricLine(
          run: object["run"] as? String, stack: object["Stack"] as? String,
          timestamp: try #require(directive["Timestamp"] as? Int),
          values: try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try #require(object[$0] as? Double)) }))
      }
    }
  }
}

extension LocalCloud {
  /// Runs an AWS CLI command and returns its JSON output.
  func json(_ arguments: String...) throws -> Any {
    let result = try awsResult(arguments + ["--output", "json"])
    guard result.code == 0 else { throw ChildProcess.Failed(description: "\(arguments): \(result.errors)") }
    return try JSONSerialization.jsonObject(with: Data(result.output.utf8), options: .fragmentsAllowed)
  }

  /// Returns an output of a stack.
  func output(_ stack: String, _ name: String) throws -> String {
    let value = try json(
      "cloudformation", "describe-stacks", "--stack-name", stack, "--query",
      "Stacks[0].Outputs[?OutputKey=='\(name)'].OutputValue | [0]")
    return try #require(value as? String)
  }

  /// Returns the name and the policy of the dispatcher's or the worker's role.
  func policy(of function: String, in stack: String) throws -> (role: String, document: [String: Any]) {
    let found = try json(
      "cloudformation", "describe-stack-resource", "--stack-name", stack, "--logical-resource-id",
      function + "Role", "--query", "StackResourceDetail.PhysicalResourceId")
    let role = try #require(found as? String)
    let document = try json(
      "iam", "get-role-policy", "--role-name", role, "--policy-name", function.lowercased(), "--query",
      "PolicyDocument")
    return (role, try #require(document as? [String: Any]))
  }

  /// Runs `sam deploy` with an existing bucket. The bucket that it would create itself accepts only HTTPS requests,
  /// which the local cloud does not support.
  func sam(
    _ stack: String, bucket: String, home: TemporaryFolder, parameters: [String] = []
  ) throws -> ChildProcess.Result {
    let overrides = parameters.isEmpty ? [] : ["--parameter-overrides"] + parameters
    return try ChildProcess.result(
      "/usr/bin/env",
      [
        "sam", "deploy", "--template", SharedData.package.path + "/infra/template.yaml", "--stack-name",
        stack,
        "--no-resolve-s3", "--s3-bucket", bucket, "--no-progressbar",
      ] + overrides,
      environment: environment.merging([
        "SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "1", "HOME": home.path,
      ]) { $1 })
  }
}

extension Deployment {
  /// Edits a function's environment variables.
  func configure(_ function: String, _ edit: (inout [String: String]) -> Void) throws {
    let found = try cloud.json(
      "lambda", "get-function-configuration", "--function-name", function, "--query", "Environment.Variables")
    var variables = try #require(found as? [String: String])
    edit(&variables)
    let text = try JSONSerialization.data(withJSONObject: ["Variables": variables])
    try cloud.aws(
      "lambda", "update-function-configuration", "--function-name", function, "--environment",
      String(decoding: text, as: UTF8.self))
  }
}
