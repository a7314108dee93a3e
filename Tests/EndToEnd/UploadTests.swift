import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// Runs that an upload starts, and the job that a finished run starts. MiniStack delivers S3's events through
  /// EventBridge, but does not check the policies that allow EventBridge to invoke a function and to send to a queue.
  @Suite("Uploads and the next job") struct UploadTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test(
      "with RunOnUpload, an upload starts one run, also if its event arrives again; _SUCCESS starts the next job"
    )
    func upload() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let parameters = ["Shards": "2", "FilmsPerFile": "10"]
      // By default the rule is off, and this upload starts no run.
      let (off, _) = try fixture.deploy("upload", server, films: 100, parameters)
      #expect(try rule(of: "upload")["State"] as? String == "DISABLED")
      try startNextJob(after: off)

      let (deployment, selection) = try fixture.deploy(
        "upload", server, films: 200, parameters.merging(["RunOnUpload": "ENABLED"]) { $1 })
      #expect(try rule(of: "upload")["State"] as? String == "ENABLED")
      try CloudFixture.waitUntil("the run is complete") {
        try deployment.keys().contains { $0.hasSuffix("/_SUCCESS") }
      }
      try deployment.expectAllFilms(selection)
      #expect(server.creditsRequests.values.allSatisfy { $0 == 1 })
      // Neither the first upload nor any object of the run has invoked the dispatcher.
      #expect(try invocations(of: deployment.dispatcher) == 1)
      let run = try #require(try deployment.runs().first)

      try sendAgain(run, to: deployment)
      #expect(try deployment.runs() == [run])
      try expectNextJob(success: try #require(try deployment.keys().first { $0.hasSuffix("/_SUCCESS") }))
      try checkRule(deployment)
      try checkPatterns(deployment)
    }

    /// Sends both formats of the upload's event to the dispatcher, twice each.
    private func sendAgain(_ run: String, to deployment: Deployment) throws {
      let (time, sequencer) = (run.prefix(16), run.dropFirst(17))
      func part(_ start: Int, _ count: Int) -> Substring { time.dropFirst(start).prefix(count) }
      let iso = "\(part(0, 4))-\(part(4, 2))-\(part(6, 2))T\(part(9, 2)):\(part(11, 2)):\(part(13, 2))"
      for sample in ["object-created", "s3-notification"] {
        let event = try sampleEvent(sample)
          .replacing("2026-11-22T03:00:00", with: iso).replacing("my-lake", with: deployment.bucket)
          .replacing("0069211E6B3C7A41D2", with: sequencer).replacing(
            "movies+of+2026.csv", with: "movies.csv")
        for _ in 0..<2 {
          let response = try deployment.invoke(deployment.dispatcher, event)
          #expect(response["run"] as? String == run, "\(response)")
          #expect(response["invoked"] as? Int == 0, "\(response)")
          let source = response["source"] as? [String: Any]
          #expect(source?["key"] as? String == "Raw/Local/CSV/Movies/movies.csv")
        }
      }
    }

    /// Creates a function and the rule that invokes it, with the commands of docs/operating.md.
    private func startNextJob(after deployment: Deployment) throws {
      _ = try fixture.folder.write(
        "index.py", "def handler(event, context):\n  print('key', event['detail']['object']['key'])\n")
      let (source, zip) = (fixture.folder.path + "/index.py", fixture.folder.path + "/job.zip")
      try ChildProcess.run("/usr/bin/env", ["python3", "-m", "zipfile", "-c", zip, source])
      // Any role will do; the dispatcher's exists.
      let found = try fixture.cloud.json(
        "lambda", "get-function-configuration", "--function-name", deployment.dispatcher, "--query", "Role")
      try fixture.cloud.aws(
        "lambda", "create-function", "--function-name", "next-job", "--runtime", "python3.11", "--handler",
        "index.handler", "--role", try #require(found as? String), "--zip-file", "fileb://\(zip)")
      let pattern = try sampleEvent("success-pattern").replacing("my-lake", with: deployment.bucket)
      let commands = try commands(under: "## Start the next job")
        .replacing("infra/events/success-pattern.json", with: fixture.folder.write("pattern.json", pattern))
        .replacing("123456789012", with: "000000000000")
      #expect(commands.contains("aws events put-rule") && commands.contains("aws events put-targets"))
      let result = try fixture.cloud.run("bash", ["-euc", commands])
      #expect(result.code == 0, "\(result.errors)")
    }

    /// Expects that the next job was invoked once, with the key of _SUCCESS.
    private func expectNextJob(success: String) throws {
      var lines: [String] = []
      try CloudFixture.waitUntil("the next job has run") {
        let messages = try fixture.cloud.json(
          "logs", "filter-log-events", "--log-group-name", "/aws/lambda/next-job", "--query",
          "events[].message")
        lines = (messages as? [String] ?? []).filter { $0.hasPrefix("key ") }
        return !lines.isEmpty
      }
      #expect(lines.map { $0.trimmingCharacters(in: .newlines) } == ["key \(success)"])
    }

    /// Checks the rule's target, and the policies that MiniStack does not enforce.
    private func checkRule(_ deployment: Deployment) throws {
      let rule = try rule(of: "upload")
      let (name, arn) = (try #require(rule["Name"] as? String), try #require(rule["Arn"] as? String))
      let found = try fixture.cloud.json(
        "events", "list-targets-by-rule", "--rule", name, "--query", "Targets")
      let targets = try #require(found as? [[String: Any]])
      #expect(targets.count == 1)
      #expect((targets.first?["Arn"] as? String)?.hasSuffix(":function:upload-dispatcher") == true)
      let retries = targets.first?["RetryPolicy"] as? [String: Any]
      #expect(
        retries?["MaximumRetryAttempts"] as? Int == 10 && retries?["MaximumEventAgeInSeconds"] as? Int == 3600
      )
      let queue = (targets.first?["DeadLetterConfig"] as? [String: Any])?["Arn"] as? String
      #expect(queue?.contains("FailureQueue") == true)

      let permission = try statements(
        try fixture.cloud.json(
          "lambda", "get-policy", "--function-name", deployment.dispatcher, "--query", "Policy"))
      let endpoint = try #require(fixture.cloud.environment["AWS_ENDPOINT_URL"])
      let sending = try statements(
        try fixture.cloud.json(
          "sqs", "get-queue-attributes", "--endpoint-url", endpoint, "--queue-url",
          try fixture.cloud.output("upload", "FailureQueueUrl"), "--attribute-names", "Policy", "--query",
          "Attributes.Policy"))
      for (statement, action) in [(permission, "lambda:InvokeFunction"), (sending, "sqs:SendMessage")] {
        #expect(statement.count == 1)
        #expect(statement.first?["Action"] as? String == action)
        #expect((statement.first?["Principal"] as? [String: String]) == ["Service": "events.amazonaws.com"])
        let conditions = (statement.first?["Condition"] as? [String: [String: String]] ?? [:]).values
        #expect(conditions.flatMap(\.values) == [arn], "\(statement)")
      }
    }

    private func statements(_ policy: Any) throws -> [[String: Any]] {
      let text = try #require(policy as? String)
      let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      return try #require(document?["Statement"] as? [[String: Any]])
    }

    /// Checks which events the rule and the documented pattern match, as MiniStack's `test-event-pattern` finds it.
    private func checkPatterns(_ deployment: Deployment) throws {
      let upload = try #require(try rule(of: "upload")["EventPattern"] as? String)
      let success = try sampleEvent("success-pattern").replacing("my-lake", with: deployment.bucket)
      var event = try sampleEvent("object-created")
      if SharedData.has("inputs/event-object-created.json"), let folder = SharedData.folder {
        event = try String(
          contentsOf: folder.appending(path: "inputs/event-object-created.json"), encoding: .utf8)
      }
      event = event.replacing("my-lake", with: deployment.bucket)
      let key = "Raw/Local/CSV/Movies/movies.csv"
      func with(key other: String) -> String { event.replacing(key, with: other) }
      let day = "\(deployment.prefix)/2026/11/27/"
      let cases = [
        (upload, event, true), (upload, with(key: key + ".gz"), false),
        (upload, with(key: "in/" + key), false),
        (upload, event.replacing("Object Created", with: "Object Deleted"), false),
        (upload, event.replacing(deployment.bucket, with: "other-lake"), false),
        (upload, event.replacing("aws.s3", with: "my.app"), false),
        (upload, with(key: day + "_SUCCESS"), false),
        (success, with(key: day + "_SUCCESS"), true),
        (success, with(key: "\(deployment.prefix)/horror/2026/11/27/_SUCCESS"), true),
        (success, with(key: day + "Atores-T0-1.json"), false), (success, event, false),
        (success, with(key: "Elsewhere/2026/11/27/_SUCCESS"), false),
        (success, with(key: day + "_SUCCESS").replacing("Object Created", with: "Object Deleted"), false),
      ]
      for (pattern, event, matches) in cases {
        let result = try fixture.cloud.json(
          "events", "test-event-pattern", "--event-pattern", pattern, "--event", event, "--query", "Result")
        #expect(result as? Bool == matches, "\(pattern) \(event)")
      }
    }

    private func rule(of stack: String) throws -> [String: Any] {
      let rules =
        try fixture.cloud.json(
          "events", "list-rules", "--name-prefix", "\(stack)-", "--query", "Rules") as? [[String: Any]]
      #expect(rules?.count == 1)
      return try #require(rules?.first)
    }

    /// Returns how often a function was invoked.
    private func invocations(of function: String) throws -> Int {
      let count = try fixture.cloud.json(
        "logs", "filter-log-events", "--log-group-name", "/aws/lambda/\(function)", "--query",
        "length(events[?starts_with(message, 'START')])")
      return try #require(count as? Int)
    }
  }
}

/// Returns the text of a sample event of this repository.
func sampleEvent(_ name: String) throws -> String {
  try String(contentsOf: SharedData.package.appending(path: "infra/events/\(name).json"), encoding: .utf8)
}

/// Returns the commands under a heading of docs/operating.md: the first code block without a language.
func commands(under heading: String) throws -> String {
  let page = try String(contentsOf: SharedData.package.appending(path: "docs/operating.md"), encoding: .utf8)
  let section = try #require(page.components(separatedBy: "\n\(heading)\n").dropFirst().first)
  let blocks = section.components(separatedBy: "\n```").enumerated().filter { $0.offset % 2 == 1 }
  return String(try #require(blocks.first { $0.element.hasPrefix("\n") }).element)
}

extension Deployment {
  /// Returns the names of the runs below a folder of the prefix.
  func runs(below folder: String = "") throws -> Set<String> {
    let start = "\(prefix)/\(folder)_runs/"
    let names = try keys().filter { $0.hasPrefix(start) }.map {
      $0.dropFirst(start.count).prefix { $0 != "/" }
    }
    return Set(names.map(String.init).filter { !$0.hasPrefix("_") })
  }
}
