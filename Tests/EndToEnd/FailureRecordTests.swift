import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// Events that failed in every attempt, sent again as their failure records.
  @Suite("Failure records") struct FailureRecordTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test(
      "an upload to an existing bucket starts a run; its failed shards are repeated from the failure queue; a failed dispatch continues its run"
    )
    func replay() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      try fixture.cloud.aws("s3", "mb", "s3://failed-source")
      let turnOn = try commands(under: "### Existing bucket").replacing("my-lake", with: "failed-source")
      #expect(try fixture.cloud.run("bash", ["-euc", turnOn]).code == 0)
      let (deployment, selection) = try fixture.deploy(
        "failed", server, films: 200, token: "stale",
        ["SourceBucket": "failed-source", "RunOnUpload": "ENABLED", "Shards": "2", "FilmsPerFile": "10"])
      // TMDB refuses the token in every attempt of both workers.
      let queue = try deployment.output("FailureQueueUrl")
      try CloudFixture.waitUntil("both shards are in the failure queue") { try messages(in: queue) == 2 }
      #expect(try deployment.keys().allSatisfy { !$0.contains("/Atores-T") })
      let runs = try deployment.runs()

      // SQS hands the records to the worker.
      try fixture.cloud.aws(
        "secretsmanager", "put-secret-value", "--secret-id", try deployment.output("SecretName"),
        "--secret-string",
        "token")
      let mapping = try #require(
        try fixture.cloud.json(
          "lambda", "create-event-source-mapping", "--function-name", deployment.worker, "--event-source-arn",
          "arn:aws:sqs:us-east-1:000000000000:\(queue.split(separator: "/").last ?? "")", "--batch-size", "1",
          "--query",
          "UUID") as? String)
      try CloudFixture.waitUntil("the run is complete") {
        try deployment.keys().contains { $0.hasSuffix("/_SUCCESS") }
      }
      try deployment.expectAllFilms(selection)
      #expect(try deployment.runs() == runs && runs.count == 1)
      try CloudFixture.waitUntil("the failure queue is empty") { try messages(in: queue) == 0 }
      try fixture.cloud.aws("lambda", "delete-event-source-mapping", "--uuid", mapping)

      try dispatchAgain(deployment)
    }

    /// Lets a dispatch fail after it has planned its run, and sends its failure record twice.
    private func dispatchAgain(_ deployment: Deployment) throws {
      try deployment.configure(deployment.dispatcher) { $0["ELENCO_WORKER_FUNCTION"] = "none" }
      let event = #"{"destination":{"prefix":"\#(deployment.prefix)/again"}}"#
      let failure = try deployment.invoke(deployment.dispatcher, event)
      #expect(failure["errorType"] as? String == "NoWorkerInvoked", "\(failure)")
      let run = try #require(try deployment.runs(below: "again/").first)
      // MiniStack's own record lacks the request's id. It is in the key of the object that the request wrote.
      let requests = try deployment.keys().filter { $0.contains("/again/_runs/_requests/") }
      #expect(requests.count == 1)
      let id = try #require(requests.first?.split(separator: "/").last?.dropLast(".json".count))
      let payload = try sampleEvent("failed-run").replacing("e4b46cbf-b738-xmpl-8880-a18cdf61200e", with: id)
        .replacing(#"{"workers": 4}"#, with: event)

      try deployment.configure(deployment.dispatcher) { $0["ELENCO_WORKER_FUNCTION"] = deployment.worker }
      let first = try deployment.invoke(deployment.dispatcher, payload)
      #expect(first["run"] as? String == run && first["invoked"] as? Int == 2, "\(first)")
      try CloudFixture.waitUntil("the second run is complete") {
        try deployment.keys().contains { $0.contains("/again/") && $0.hasSuffix("/_SUCCESS") }
      }
      let second = try deployment.invoke(deployment.dispatcher, payload)
      #expect(second["run"] as? String == run && second["invoked"] as? Int == 0, "\(second)")
      #expect(try deployment.runs(below: "again/") == [run])
    }

    private func endpoint() throws -> String { try #require(fixture.cloud.environment["AWS_ENDPOINT_URL"]) }

    /// Returns the number of messages in a queue, including those that a consumer has received.
    private func messages(in queue: String) throws -> Int {
      let counts = try fixture.cloud.json(
        "sqs", "get-queue-attributes", "--endpoint-url", try endpoint(), "--queue-url", queue,
        "--attribute-names",
        "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "--query",
        "values(Attributes)")
      return (counts as? [String] ?? []).compactMap { Int($0) }.reduce(0, +)
    }
  }
}
