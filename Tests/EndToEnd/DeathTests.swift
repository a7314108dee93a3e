import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  @Suite("Workers that die") struct DeathTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    private func dispatch(_ deployment: Deployment, _ event: String) throws {
      try fixture.cloud.aws(
        "lambda", "invoke", "--function-name", deployment.dispatcher, "--payload", event,
        fixture.folder.path + "/answer")
    }

    @Test(
      "one of four workers killed in every attempt: the others finish its shard, never more than four at a time"
    )
    func oneOfFour() throws {
      let server = try fixture.startServer { $0.latency = .milliseconds(10) }
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "four", server, films: 2400,
        ["Shards": "20", "FilmsPerFile": "5", "Workers": "4", "LeaseSeconds": "3"])
      // Slow enough that all four are in their first shard: the local cloud gives a retry another request id, so that it
      // only continues the shard of its event.
      try dispatch(deployment, #"{"run":"four","requestsPerSecond":50}"#)
      var running: Set<pid_t> = []
      try CloudFixture.waitUntil("four workers are at work") {
        running = try fixture.workers(of: deployment)
        return running.count >= 4 && server.requests().count > 20
      }
      #expect(running.count == 4)
      var victim = try #require(running.first)
      var maxWorkers = running.count
      // Lambda makes three attempts, and each is killed.
      for attempt in 1...3 {
        kill(victim, SIGKILL)
        guard attempt < 3 else { break }
        try CloudFixture.waitUntil("another worker takes over") {
          let current = try fixture.workers(of: deployment)
          maxWorkers = max(maxWorkers, current.count)
          guard let next = current.subtracting(running).first, fixture.hasEvent(next) else { return false }
          victim = next
          return true
        }
      }
      try CloudFixture.waitUntil("the run ends") {
        maxWorkers = max(maxWorkers, try fixture.workers(of: deployment).count)
        return try deployment.has("_runs/four/manifest.json")
      }
      #expect(maxWorkers == 4)
      try deployment.expectAllFilms(selection)
      // Only films that a killed worker had not written are fetched again.
      let repeated = server.creditsRequests.values.reduce(0) { $0 + $1 - 1 }
      #expect(repeated <= 3 * (5 + 64))
      let status = try deployment.elenco("status", "four")
      #expect(status.code == 0 && status.output.contains("20 complete"), "\(status.output)")
    }

    @Test(
      "three killed attempts: the event is in the failure queue, and the command from status completes the run"
    )
    func dead() throws {
      let server = try fixture.startServer { $0.latency = .milliseconds(10) }
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "dead", server, films: 300, ["Shards": "1", "FilmsPerFile": "5", "LeaseSeconds": "3"])
      try dispatch(deployment, #"{"run":"dead","requestsPerSecond":40}"#)
      var killed: Set<pid_t> = []
      for attempt in 1...3 {
        let before = server.requests().count
        var victim: pid_t = 0
        try CloudFixture.waitUntil("a worker is running") {
          victim = try fixture.workers(of: deployment).subtracting(killed).first ?? 0
          return victim != 0 && fixture.hasEvent(victim)
            && (attempt > 1 || server.requests().count > before + 40)
        }
        kill(victim, SIGKILL)
        killed.insert(victim)
      }
      let queue = try deployment.output("FailureQueueUrl")
      var message = ""
      try CloudFixture.waitUntil("the event is in the failure queue") {
        // Version 1 of the AWS CLI sends SQS requests to a legacy AWS endpoint unless told otherwise.
        message = try fixture.cloud.aws(
          "sqs", "receive-message", "--endpoint-url", fixture.cloud.environment["AWS_ENDPOINT_URL"] ?? "",
          "--queue-url", queue)
        return !message.isEmpty
      }
      #expect(message.contains("dead") && message.contains("requestPayload"), "\(message)")

      // The lease expires after 3 seconds.
      var status = try deployment.elenco("status", "dead")
      try CloudFixture.waitUntil("status reports a problem") {
        status = try deployment.elenco("status", "dead")
        return status.code == 1
      }
      #expect(status.output.contains("1 dead"), "\(status.output)")
      let line = try #require(status.output.split(separator: "\n").first { $0.contains("fix: ") })
      let command = line.split(separator: "fix: elenco ").last.map {
        $0.split(separator: " ").map(String.init)
      }
      let before = server.creditsRequests
      let replay = try deployment.elenco(try #require(command))
      #expect(replay.code == 0, "\(replay.output)\(replay.errors)")
      try deployment.expectAllFilms(selection)
      // Films whose files were written are not fetched again.
      #expect(server.creditsRequests.values.reduce(0) { $0 + $1 - 1 } <= 5 + 64, "\(before.count)")
      #expect(try deployment.elenco("status", "dead").code == 0)
      #expect(try deployment.elenco("verify", "dead").output.contains(": verified."))
      #expect(try deployment.keys().contains { $0.hasSuffix("/_SUCCESS") })
    }
  }
}

extension Deployment {
  /// Whether an object with this key exists under the prefix.
  func has(_ key: String) throws -> Bool {
    try cloud.awsResult(["s3api", "head-object", "--bucket", bucket, "--key", "\(prefix)/\(key)"]).code == 0
  }

  /// Runs a command of `elenco` on this stack.
  func elenco(_ arguments: String...) throws -> ChildProcess.Result { try elenco(arguments) }

  func elenco(_ arguments: [String]) throws -> ChildProcess.Result {
    let defaults = [
      "--bucket": bucket, "--prefix": prefix, "--function": worker, "--lease-seconds": "3",
    ].filter { !arguments.contains($0.key) }
    let options = defaults.flatMap { [$0.key, $0.value] }
    return try cloud.run(LocalCloud.elenco(), arguments + options)
  }

  /// Returns an output of the stack.
  func output(_ name: String) throws -> String {
    let stack = dispatcher.dropLast("-dispatcher".count)
    return try cloud.aws(
      "cloudformation", "describe-stacks", "--stack-name", String(stack), "--query",
      "Stacks[0].Outputs[?OutputKey=='\(name)'].OutputValue", "--output", "text"
    ).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
