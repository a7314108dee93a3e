import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Elenco
@testable import Shared

/// `elenco logs` against a server that plays S3 and CloudWatch Logs.
@Suite("elenco logs") struct LogsCommandTests {
  /// Path of the `elenco` executable, which the build places beside the tests.
  private static let command = Bundle.main.executableURL?.deletingLastPathComponent().appending(
    path: "elenco"
  ).path

  private struct Line {
    let group: String
    let stream: String
    let time: Int
    let message: String
  }

  private static let planned = 1_795_489_200_000  // 2026-11-24T03:00:00Z

  private static func line(_ group: String, _ stream: String, _ second: Int, _ message: String) -> Line {
    Line(group: "/aws/lambda/\(group)", stream: stream, time: planned + second * 1_000, message: message)
  }

  private static func json(_ second: Int, _ message: String, _ fields: String) -> String {
    #"{"timestamp":"2026-11-24T03:00:0\#(second).000Z","level":"INFO","message":"\#(message)","requestId":"\#(fields)}"#
  }

  private static let lines = [
    line("s-dispatcher", "d", 1, json(1, "run planned", #"q0","run":"r","films":2"#)),
    line("s-worker", "a", 2, json(2, "invocation started", #"q1""#)),
    line("s-worker", "a", 3, json(3, "shard started", #"q1","run":"r","shard":0"#)),
    line("s-worker", "b", 4, json(4, "shard started", #"q2","run":"r","shard":1"#)),
    line("s-worker", "a", 5, json(5, "metrics", #"q1","run":"r","shard":0,"_aws":{}"#)),
    line("s-worker", "c", 6, json(6, "shard started", #"q3","run":"other","shard":0"#)),
    line("s-worker", "a", 7, "REPORT RequestId: q1\tDuration: 1 ms\n"),
    line("s-worker", "a", 8, json(8, "shard started", #"q4","run":"other","shard":0"#)),
  ]

  private struct Query: Decodable {
    let logGroupName: String
    let logStreamNames: [String]?
    let filterPattern: String?
    let startTime: Int
    let endTime: Int
    let nextToken: String?
  }

  /// Responds as CloudWatch Logs, one line per page. Filters by the run's name in quotes, which is less than a pattern
  /// for JSON does.
  private static func logs(_ request: String, groups: Set<String>) throws -> ScriptedServer.Script {
    let body = request[try #require(request.firstRange(of: "\r\n\r\n")).upperBound...]
    let query = try JSONDecoder().decode(Query.self, from: Data(body.utf8))
    guard groups.contains(query.logGroupName) else {
      return .json(
        #"{"__type":"ResourceNotFoundException","message":"The specified log group does not exist."}"#,
        status: 400)
    }
    let found = lines.filter { line in
      line.group == query.logGroupName && (query.startTime...query.endTime).contains(line.time)
        && query.logStreamNames?.contains(line.stream) ?? true
        && (query.filterPattern == nil || line.message.contains(#""run":"r""#))
    }
    let index = query.nextToken.flatMap { Int($0) } ?? 0
    var page: [String: Any] = [
      "events": found.dropFirst(index).prefix(1).map {
        ["logStreamName": $0.stream, "timestamp": $0.time, "message": $0.message]
      }
    ]
    if index + 1 < found.count { page["nextToken"] = "\(index + 1)" }
    return .json(String(decoding: try JSONSerialization.data(withJSONObject: page), as: UTF8.self))
  }

  /// Responds as S3 with the run `r` of two shards, of which the listing shows more with every request.
  private static func store(_ request: String, listings: Int) throws -> ScriptedServer.Script {
    let plan = ShardPlan(
      run: try #require(RunName("r")), date: "2026-11-24", shard: 0, shards: 1,
      destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: 100, requestsPerSecond: 40,
      rateScope: .run, workers: 1, lookup: .find, genres: ["Drama"], films: ["tt0000001"])
    func json(_ value: some Encodable) throws -> ScriptedServer.Script {
      .json(String(decoding: try JSONText.encode(value), as: UTF8.self), headers: "ETag: \"x\"\r\n")
    }
    let layout = plan.layout
    if request.contains("/shards/T0.json ") { return try json(plan) }
    if request.contains("/reports/T0.json ") {
      return try json(
        ShardReport(
          run: plan.run, shard: 0, state: .complete, films: 1, absent: [], failed: [], files: [],
          requests: ShardReport.Requests(), requestID: "q", startedAt: "", seconds: 0, peakMemoryBytes: 0))
    }
    guard request.contains("list-type=2") else {
      return .json("<Error><Code>NoSuchKey</Code></Error>", status: 404)
    }
    if request.contains("delimiter") {
      return .json(
        "<ListBucketResult><CommonPrefixes><Prefix>p/_runs/r/</Prefix></CommonPrefixes></ListBucketResult>")
    }
    var keys = [layout.plan(shard: 0)]
    if listings > 1 { keys += [layout.report(shard: 0), layout.manifest] }
    let isLeases = request.contains("prefix=p%2F_runs%2Fr%2Fleases")
    let contents = (isLeases ? [] : keys).map {
      "<Contents><Key>\($0)</Key><Size>1</Size><ETag>e</ETag><LastModified>2026-11-24T03:00:00.000Z</LastModified></Contents>"
    }
    return .json("<ListBucketResult><IsTruncated>false</IsTruncated>\(contents.joined())</ListBucketResult>")
  }

  private static func elenco(
    _ arguments: [String], groups: Set<String> = ["/aws/lambda/s-worker", "/aws/lambda/s-dispatcher"]
  ) throws -> ChildProcess.Result {
    let listings = Mutex(0)
    let server = try ScriptedServer(
      .choose { request in
        do {
          if request.contains("X-Amz-Target") { return try logs(request, groups: groups) }
          let isListing =
            request.contains("prefix=p%2F_runs%2Fr%2F&") || request.contains("prefix=p%2F_runs%2Fr%2F ")
          return try store(
            request,
            listings: listings.withLock { count in
              if isListing { count += 1 }
              return count
            })
        } catch { return .json("\(error)", status: 400) }
      })
    defer { server.stop() }
    return try ChildProcess.result(
      try #require(command),
      ["logs"] + arguments + ["--bucket", "lake", "--prefix", "p", "--function", "s-worker"],
      environment: [
        "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret", "HOME": "/nonexistent",
      ])
  }

  private static let all = """
    2026-11-24T03:00:01.000Z  INFO   dispatcher  run planned  films=2
    2026-11-24T03:00:02.000Z  INFO   worker      invocation started
    2026-11-24T03:00:03.000Z  INFO   shard 0     shard started
    2026-11-24T03:00:04.000Z  INFO   shard 1     shard started
    2026-11-24T03:00:07.000Z  -      worker      REPORT RequestId: q1 Duration: 1 ms

    """

  @Test("the lines of all the run's invocations are printed in order, for the latest run too") func all()
    throws
  {
    for arguments in [["r"], []] {
      let result = try Self.elenco(arguments)
      #expect(result.code == 0 && result.errors == "", "\(result.errors)")
      #expect(result.output == Self.all)
    }
  }

  @Test("--shard prints only the lines about a shard") func shard() throws {
    let result = try Self.elenco(["r", "--shard", "1"])
    #expect(result.output == "2026-11-24T03:00:04.000Z  INFO   shard 1     shard started\n")
    let none = try Self.elenco(["r", "--shard", "7"])
    #expect(none.code == 0 && none.output == "" && none.errors.contains("no lines about shard 7 of run r"))
    let invalid = try Self.elenco(["r", "--shard", "x"])
    #expect(invalid.code == 2 && invalid.errors.contains("option --shard must be a whole number"))
  }

  @Test("--json prints one object per line, the metrics too") func json() throws {
    let result = try Self.elenco(["r", "--json"])
    let objects = try result.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(
      objects.map { $0["function"] as? String } == [
        "dispatcher", "worker", "worker", "worker", "worker", "worker",
      ])
    #expect(objects.map { $0["shard"] as? Int } == [nil, nil, 0, 1, 0, nil])
    #expect(objects.first?["fields"] as? [String: Int] == ["films": 2])
    #expect(objects.first?["time"] as? String == "2026-11-24T03:00:01.000Z")
  }

  @Test("--follow prints each line once and stops when the run has ended") func follow() throws {
    let result = try Self.elenco(["r", "--follow"])
    #expect(result.code == 0 && result.errors == "", "\(result.errors)")
    #expect(result.output == Self.all)
  }

  @Test("without the dispatcher's log group its lines are missing; without the worker's it is an error")
  func missing() throws {
    let partial = try Self.elenco(["r"], groups: ["/aws/lambda/s-worker"])
    #expect(
      partial.code == 0 && !partial.output.contains("run planned") && partial.output.contains("shard started")
    )
    #expect(partial.errors.contains("no log group /aws/lambda/s-dispatcher"), "\(partial.errors)")
    let none = try Self.elenco(["r"], groups: [])
    #expect(none.code == 1 && none.output == "")
    #expect(
      none.errors.contains("FilterLogEvents of /aws/lambda/s-worker: ResourceNotFoundException"),
      "\(none.errors)")
  }
}
