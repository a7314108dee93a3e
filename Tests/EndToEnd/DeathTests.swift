import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  @Suite("Workers that die") struct DeathTests {
    private let stage: Stage

    init() throws { stage = try Stage() }

    private func dispatch(_ deployment: Deployment, _ event: String) throws {
      try stage.cloud.aws(
        "lambda", "invoke", "--function-name", deployment.dispatcher, "--payload", event,
        stage.folder.path + "/answer")
    }

    @Test(
      "one of four workers killed for good: the others finish its shard, and never are there more than four")
    func oneOfFour() throws {
      let server = try stage.server { $0.latency = .milliseconds(10) }
      defer { server.stop() }
      let (deployment, selection) = try stage.deploy(
        "four", server, films: 2400,
        ["Shards": "60", "FilmsPerFile": "5", "Workers": "4", "LeaseSeconds": "3"])
      try dispatch(deployment, #"{"run":"four","requestsPerSecond":100}"#)
      var living: Set<pid_t> = []
      try Stage.until("four workers sent 200 requests") {
        living = try stage.workers(of: deployment)
        return living.count >= 4 && server.requests().count > 200
      }
      #expect(living.count == 4)
      var victim = try #require(living.first)
      var most = living.count
      // Lambda tries three times; each is killed.
      for attempt in 1...3 {
        kill(victim, SIGKILL)
        guard attempt < 3 else { break }
        try Stage.until("another worker took over") {
          let there = try stage.workers(of: deployment)
          most = max(most, there.count)
          guard let next = there.subtracting(living).first else { return false }
          victim = next
          return true
        }
      }
      try Stage.until("the run ended") {
        most = max(most, try stage.workers(of: deployment).count)
        return try deployment.has("_runs/four/manifest.json")
      }
      #expect(most == 4)
      try deployment.expectWhole(selection)
      // Only what was on its way in the dead worker is asked for again.
      let again = server.creditsAsked.values.reduce(0) { $0 + $1 - 1 }
      #expect(again <= 3 * (5 + 64))
      let status = try deployment.elenco("status", "four")
      #expect(status.code == 0 && status.output.contains("60 complete"), "\(status.output)")
    }

    @Test(
      "all three tries killed: the event is on the failure queue, status says dead, and its command mends it")
    func dead() throws {
      let server = try stage.server { $0.latency = .milliseconds(10) }
      defer { server.stop() }
      let (deployment, selection) = try stage.deploy(
        "dead", server, films: 300, ["Shards": "1", "FilmsPerFile": "5", "LeaseSeconds": "3"])
      try dispatch(deployment, #"{"run":"dead","requestsPerSecond":40}"#)
      var killed: Set<pid_t> = []
      for attempt in 1...3 {
        let before = server.requests().count
        var victim: pid_t = 0
        try Stage.until("a worker was at work") {
          victim = try stage.workers(of: deployment).subtracting(killed).first ?? 0
          return victim != 0 && (attempt > 1 || server.requests().count > before + 40)
        }
        kill(victim, SIGKILL)
        killed.insert(victim)
      }
      let queue = try deployment.output("FailureQueueUrl")
      var message = ""
      try Stage.until("the event was on the failure queue") {
        // The AWS CLI's own old address of SQS is not the local cloud's.
        message = try stage.cloud.aws(
          "sqs", "receive-message", "--endpoint-url", stage.cloud.environment["AWS_ENDPOINT_URL"] ?? "",
          "--queue-url", queue)
        return !message.isEmpty
      }
      #expect(message.contains("dead") && message.contains("requestPayload"), "\(message)")

      // Three seconds of lease, and it has lapsed.
      var status = try deployment.elenco("status", "dead")
      try Stage.until("status called the shard dead") {
        status = try deployment.elenco("status", "dead")
        return status.code == 1
      }
      #expect(status.output.contains("1 dead"), "\(status.output)")
      let line = try #require(status.output.split(separator: "\n").first { $0.contains("mend: ") })
      let command = line.split(separator: "mend: elenco ").last.map {
        $0.split(separator: " ").map(String.init)
      }
      let asked = server.creditsAsked
      let mended = try deployment.elenco(try #require(command))
      #expect(mended.code == 0, "\(mended.output)\(mended.errors)")
      try deployment.expectWhole(selection)
      // Films of files that were written are not asked for again.
      #expect(server.creditsAsked.values.reduce(0) { $0 + $1 - 1 } <= 5 + 64, "\(asked.count)")
      #expect(try deployment.elenco("status", "dead").code == 0)
      #expect(try deployment.elenco("verify", "dead").output.contains(": sound."))
      #expect(try deployment.keys().contains { $0.hasSuffix("/_SUCCESS") })
    }
  }
}

extension Deployment {
  /// Whether an object stands under the prefix.
  func has(_ key: String) throws -> Bool {
    try cloud.run("aws", ["s3api", "head-object", "--bucket", bucket, "--key", "\(prefix)/\(key)"]).code == 0
  }

  /// A verb of the command line, on this stack.
  func elenco(_ words: String...) throws -> ChildProcess.Result { try elenco(words) }

  func elenco(_ words: [String]) throws -> ChildProcess.Result {
    let own = [
      "--bucket": bucket, "--prefix": prefix, "--function": worker, "--lease-seconds": "3",
    ].filter { !words.contains($0.key) }
    let options = own.flatMap { [$0.key, $0.value] }
    return try cloud.run(LocalCloud.elenco(), words + options)
  }

  /// An output of the stack.
  func output(_ name: String) throws -> String {
    let stack = dispatcher.dropLast("-dispatcher".count)
    return try cloud.aws(
      "cloudformation", "describe-stacks", "--stack-name", String(stack), "--query",
      "Stacks[0].Outputs[?OutputKey=='\(name)'].OutputValue", "--output", "text"
    ).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
