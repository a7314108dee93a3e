import Foundation
import Synchronization
import Testing

@testable import Shared

@Suite("Metrics") struct MetricTests {
  /// Collects the lines that a log writes.
  private final class Lines: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func log(_ level: Log.Level = .info) -> Log {
      Log(level: level, requestID: "8476a536", stack: "lake") { line in self.bytes.withLock { $0 += line } }
    }

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
  }

  @Test(
    "a metrics line has CloudWatch's embedded metric format and the log's own fields"
  )
  func format() throws {
    let lines = Lines()
    lines.log().metrics(
      [.count("Films", 100), .seconds("ShardSeconds", 1.5)], at: UnixTime(milliseconds: 1_795_617_335_339),
      ["run": "r\"1", "shard": 17])
    #expect(lines.text.hasSuffix("}\n") && lines.text.filter { $0 == "\n" }.count == 1)
    var line = try #require(try JSONSerialization.jsonObject(with: Data(lines.text.utf8)) as? [String: Any])
    let time = try #require(line.removeValue(forKey: "timestamp") as? String)
    #expect(UnixTime(iso8601: time) != nil)
    // Structured like the example in the specification.
    let expected = """
      {"level":"INFO","message":"metrics","requestId":"8476a536","Stack":"lake","Films":100,"ShardSeconds":1.5,
       "run":"r\\"1","shard":17,
       "_aws":{"Timestamp":1795617335339,"CloudWatchMetrics":[{"Namespace":"Elenco","Dimensions":[["Stack"]],
         "Metrics":[{"Name":"Films","Unit":"Count"},{"Name":"ShardSeconds","Unit":"Seconds"}]}]}}
      """
    let object = try JSONSerialization.jsonObject(with: Data(expected.utf8)) as? [String: Any]
    #expect(NSDictionary(dictionary: line) == NSDictionary(dictionary: try #require(object)))
  }

  @Test("metrics are recorded for the current time by default, and omitted if the level is above INFO")
  func level() throws {
    let (lines, quiet) = (Lines(), Lines())
    let before = Int(Date().timeIntervalSince1970 * 1000) - 1
    lines.log().metrics([.count("Films", 1)], [:])
    let line = try #require(try JSONSerialization.jsonObject(with: Data(lines.text.utf8)) as? [String: Any])
    let time = try #require((line["_aws"] as? [String: Any])?["Timestamp"] as? Int)
    #expect((before...before + 60_000).contains(time))
    quiet.log(.warn).metrics([.count("Films", 1)], [:])
    #expect(quiet.text.isEmpty)
  }

  @Test("the stack name comes from ELENCO_STACK, and is elenco by default")
  func stack() {
    #expect(Log(environment: ["ELENCO_STACK": "lake"]).stack == "lake")
    #expect(Log(environment: [:]).stack == "elenco")
    #expect(Log(environment: ["ELENCO_STACK": ""]).stack == "elenco")
  }
}

@Suite("Overdue alarm") struct OverdueAlarmTests {
  private func plan(rate: Double, shard: Int = 0) throws -> ShardPlan {
    ShardPlan(
      run: try #require(RunName("r")), date: "2026-11-24", shard: shard, shards: 60,
      destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: 100, requestsPerSecond: rate,
      rateScope: .run, workers: 60, lookup: .find, genres: ["Drama"], films: ["tt0000001"])
  }

  @Test(
    "a run is overdue 1.5 times its forecast plus 10 minutes after it was planned, by the plan of any shard")
  func due() throws {
    let plannedAt = UnixTime(seconds: 1_795_617_000)
    // 60,000 films need 120,000 requests, which take 3,000 seconds at 40 per second.
    let due = OverdueAlarm.time(plannedAt: plannedAt, films: 60_000, plan: try plan(rate: 40))
    #expect(due == UnixTime(seconds: 1_795_617_000 + 4_500 + 600))
    #expect(
      due == OverdueAlarm.time(plannedAt: plannedAt, films: 60_000, plan: try plan(rate: 40, shard: 17)))
  }

  @Test("a run due more than 2 hours ahead has no alarm, because CloudWatch accepts no later metrics")
  func tooLong() throws {
    let plannedAt = UnixTime(seconds: 1_795_617_000)
    #expect(OverdueAlarm.time(plannedAt: plannedAt, films: 87_980, plan: try plan(rate: 40)) != nil)
    #expect(OverdueAlarm.time(plannedAt: plannedAt, films: 88_000, plan: try plan(rate: 40)) == nil)
  }
}
