import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Elenco
@testable import Shared

/// `elenco run` and `plan` against a server that plays Lambda and S3.
@Suite("Following a run") struct FollowTests {
  /// The response of a dispatcher that has planned one shard of one film.
  static func response(rowsSkipped: Int = 0) -> String {
    let skipped = (0..<min(rowsSkipped, 5)).map { #""row \#($0 + 7): it has only 2 of 5 fields""# }
    return """
      {"run":"r","date":"2026-11-24","startedAt":"2026-11-24T03:00:00.000Z",
      "source":{"bucket":"lake","key":"movies.csv","rows":2,"films":2,"rowsSkipped":\(rowsSkipped),
      "firstSkipped":[\(skipped.joined(separator: ","))]},
      "destination":{"bucket":"lake","prefix":"p"},"films":1,"shards":1,"files":1,"filmsPerFile":100,
      "filmsPerShard":[1,1],"workers":1,"dryRun":false,"invoked":1,
      "forecast":{"requests":2,"seconds":1,"hopsPerShard":1,"peakConcurrency":1,"dollars":0,"cheapestWorkers":1,
      "cheapestDollars":0},"notInvoked":[],"seconds":1}
      """
  }

  private static func listing(_ objects: [(key: String, etag: String, second: Int)]) -> String {
    let contents = objects.map {
      "<Contents><Key>\($0.key)</Key><Size>1</Size><ETag>\($0.etag)</ETag>"
        + "<LastModified>2026-11-24T03:00:\($0.second).000Z</LastModified></Contents>"
    }
    return "<ListBucketResult><IsTruncated>false</IsTruncated>\(contents.joined())</ListBucketResult>"
  }

  private static func report(_ state: String, attempt: Int) -> String {
    let stopped = state == "stopped" ? #""stopped":"The reason.","# : ""
    return """
      {"run":"r","shard":0,"state":"\(state)",\(stopped)"films":1,"absent":[],"failed":[],"files":[],"hop":0,
      "requests":{"sent":0,"throttled":0,"retried":0},"requestID":"q","startedAt":"\(attempt)","seconds":1,
      "peakMemoryBytes":1}
      """
  }

  /// Follows a run whose folder has these states, one after the other; the last one remains.
  private static func follow(
    _ states: [(report: String, objects: [(key: String, etag: String, second: Int)])], patience: Duration,
    owner: String? = nil
  ) throws -> (progress: RunProgress, polls: Int) {
    let polls = Mutex(0)
    let server = try ScriptedServer(
      .choose { request in
        let isRun = request.contains("prefix=p%2F_runs%2Fr%2F")
        let index = polls.withLock { polls in
          if isRun { polls += 1 }
          return min(max(polls - 1, 0), states.count - 1)
        }
        if request.contains("/reports/T0.json ") {
          return .json(states[index].report, headers: "ETag: \"x\"\r\n")
        }
        if request.contains("/_runs/_days/2026-11-24.json ") {
          return .json(owner ?? "<Error/>", status: owner == nil ? 404 : 200, headers: "ETag: \"y\"\r\n")
        }
        return .json(isRun ? listing(states[index].objects) : listing([]))
      })
    defer { server.stop() }
    let environment = [
      "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key",
      "AWS_SECRET_ACCESS_KEY": "secret",
    ]
    let response = try JSONText.decode(DispatcherResponse.self, from: Array(response().utf8))
    let progress = try EventLoop.run { loop in
      let s3 = try AWSServices(http: HTTPClient(loop: loop), environment: environment).s3
      return try await RunFollower(run: FollowedRun(response), s3: s3, loop: loop, patience: patience)
        .follow()
    }
    return (progress, polls.withLock { $0 })
  }

  private static let manifest = "p/_runs/r/manifest.json"
  private static let reportKey = "p/_runs/r/reports/T0.json"

  @Test("a stopped shard is followed until Lambda's retry has completed it and the manifest is up to date")
  func retried() throws {
    let stopped = Self.report("stopped", attempt: 1)
    let complete = Self.report("complete", attempt: 2)
    let (progress, polls) = try Self.follow(
      [
        (stopped, [(Self.manifest, "1", 11), (Self.reportKey, "1", 10)]),
        (stopped, [(Self.manifest, "1", 11), (Self.reportKey, "1", 10)]),
        (complete, [(Self.manifest, "1", 11), (Self.reportKey, "2", 20)]),
        (complete, [(Self.manifest, "2", 21), (Self.reportKey, "2", 20)]),
      ], patience: .seconds(60))
    #expect(progress.isComplete && progress.shardsAwaitingRetry == 0)
    #expect(polls == 4)
  }

  @Test("after the third attempt nothing is awaited any more") func givenUp() throws {
    let (progress, polls) = try Self.follow(
      (1...3).map { attempt in
        (
          Self.report("stopped", attempt: attempt),
          [(Self.manifest, "1", 11), (Self.reportKey, "\(attempt)", 10 + attempt)]
        )
      }, patience: .seconds(60))
    #expect(!progress.isComplete && progress.isOver)
    #expect(polls == 3)
  }

  @Test("patience also ends the wait for a retry") func patience() throws {
    let (progress, _) = try Self.follow(
      [(Self.report("stopped", attempt: 1), [(Self.manifest, "1", 11), (Self.reportKey, "1", 10)])],
      patience: .seconds(1))
    #expect(!progress.isComplete && progress.shardsAwaitingRetry == 1)
  }

  @Test(
    "following ends when the run is replaced or cancelled, and the summary says so",
    arguments: [
      (#"{"run":"other"}"#, "the run was replaced by run other"),
      (#"{"run":"r","cancelledAt":"2026-11-24T03:00:59.000Z"}"#, "was cancelled at 2026-11-24T03:00:59.000Z"),
    ])
  func interrupted(owner: String, sentence: String) throws {
    let (progress, polls) = try Self.follow(
      [("", [(key: "p/_runs/r/leases/T0.json", etag: "1", second: 10)])], patience: .seconds(60),
      owner: owner)
    #expect(polls == 1)
    let response = try JSONText.decode(DispatcherResponse.self, from: Array(Self.response().utf8))
    let summary = RunSummary(FollowedRun(response), progress, seconds: 1)
    #expect(!summary.isComplete && summary.text.contains(sentence), "\(summary.text)")
    #expect(!summary.text.contains("has no report"))
  }

  @Test("the progress says how many shards wait for a retry") func display() throws {
    let response = try JSONText.decode(DispatcherResponse.self, from: Array(Self.response().utf8))
    var progress = RunProgress(FollowedRun(response))
    #expect(!ProgressDisplay.line(progress, elapsed: .seconds(1)).contains("stopped"))
    progress.shardsAwaitingRetry = 2
    #expect(
      ProgressDisplay.line(progress, elapsed: .seconds(1)).hasSuffix(
        "2 shards stopped, waiting for Lambda's retry"))
  }

  /// Path of the `elenco` executable, which the build places beside the tests.
  private static let command = Bundle.main.executableURL?.deletingLastPathComponent().appending(
    path: "elenco"
  ).path

  /// Runs the command line against a server whose Lambda returns `response` and whose S3 follows `store`.
  private static func elenco(
    _ arguments: [String], response: String, store: ScriptedServer.Script, s3: String? = nil
  ) throws -> ChildProcess.Result {
    let server = try ScriptedServer(
      .choose { $0.contains("/invocations ") ? .json(response) : store })
    defer { server.stop() }
    var environment = [
      "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key",
      "AWS_SECRET_ACCESS_KEY": "secret", "HOME": "/nonexistent",
    ]
    environment["AWS_ENDPOINT_URL_S3"] = s3
    return try ChildProcess.result(try #require(command), arguments, environment: environment)
  }

  @Test(
    "if S3 can no longer be read, the last sentence says that the run continues, and how to follow it",
    arguments: ["ExpiredToken", "AccessDenied", "unreachable"])
  func lost(problem: String) throws {
    let error = "<Error><Code>\(problem)</Code><Message>It is so</Message></Error>"
    let unreachable = problem == "unreachable" ? "http://127.0.0.1:\(try Loopback.freePort())" : nil
    let result = try Self.elenco(
      ["run", "--function", "dispatcher"], response: Self.response(),
      store: .json(error, status: problem == "ExpiredToken" ? 400 : 403), s3: unreachable)
    #expect(result.code == 1 && result.output == "")
    #expect(
      result.errors.contains("elenco: cannot follow run r: LIST s3://lake/p/_runs/r/: ") || unreachable != nil
    )
    let last =
      "The run continues without this command. To see its state, run: elenco status r --bucket lake --prefix p\n"
    #expect(result.errors.hasSuffix("\n" + last), "\(result.errors)")
  }

  @Test("a lost response of the dispatcher says that it may have started a run") func lostResponse() throws {
    let server = try ScriptedServer(.respond([]))
    defer { server.stop() }
    let result = try ChildProcess.result(
      try #require(Self.command), ["run", "--function", "dispatcher"],
      environment: [
        "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
      ])
    #expect(result.code == 1)
    #expect(result.errors.contains("The dispatcher may have started a run all the same."), "\(result.errors)")
  }

  @Test(
    "rows that could not be read are shown by run and plan, with the first of them",
    arguments: [
      (
        1,
        "1 row of s3://lake/movies.csv could not be read and was skipped: row 7: it has only 2 of 5 fields."
      ),
      (
        2345,
        "2,345 rows of s3://lake/movies.csv could not be read and were skipped; the first is row 7: it has only 2 of 5 "
          + "fields."
      ),
      (0, nil),
    ] as [(Int, String?)])
  func skippedRows(count: Int, sentence: String?) throws {
    let text = Self.response(rowsSkipped: count)
    let plan = try JSONText.decode(DispatcherResponse.self, from: Array(text.utf8))
    let summary = RunSummary(FollowedRun(plan), RunProgress(FollowedRun(plan)), seconds: 1)
    let outputs = [
      PlanCommand.describe(plan), summary.text,
      try Self.elenco(
        ["run", "--function", "dispatcher"], response: text, store: .json("<Error/>", status: 403)
      ).errors,
    ]
    for output in outputs {
      #expect(output.contains("could not be read") == (sentence != nil), "\(output)")
      if let sentence { #expect(output.contains(sentence), "\(output)") }
    }
    let json = try JSONSerialization.jsonObject(with: Data(JSONText.encode(summary))) as? [String: Any]
    #expect(json?["rowsSkipped"] as? Int == count)
  }
}
