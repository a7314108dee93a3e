import Foundation
import TestSupport
import Testing

@testable import Elenco
@testable import Shared

@Suite("Lines of a run in its functions' logs") struct RunLogTests {
  private static func event(_ time: Int64, _ message: String, _ stream: String = "s") -> LogsClient.Event {
    LogsClient.Event(stream: stream, time: UnixTime(milliseconds: time), message: message)
  }

  private static func log(shard: Int? = nil) throws -> RunLog {
    RunLog(run: try #require(RunName("r")), shard: shard)
  }

  @Test("the filter pattern names the run, and the shard if there is one") func pattern() throws {
    #expect(try Self.log().pattern == #"{ $.run = "r" }"#)
    #expect(try Self.log(shard: 7).pattern == #"{ ($.run = "r") && ($.shard = 7) }"#)
  }

  /// Lines of invocations for several runs and shards, as the functions and Lambda write them, each with what it is about.
  private struct Written {
    var lines: [(event: LogsClient.Event, run: String, shards: Set<Int>, order: Int)] = []
    var random: SeededRandom

    /// - Parameter arrivesTogether: all lines of an invocation have the time of its end, as on a local cloud.
    mutating func invocation(
      _ stream: String, at start: Int64, run: String, shards: [Int], arrivesTogether: Bool
    ) {
      let id = "\(stream)-\(start)"
      var texts = [
        "START RequestId: \(id) Version: $LATEST",
        #"{"timestamp":"\#(UnixTime(milliseconds: start + 1).iso8601)","level":"INFO","message":"invocation started","requestId":"\#(id)"}"#,
      ]
      var about: [Set<Int>] = [Set(shards), Set(shards)]
      for (number, shard) in shards.enumerated() {
        let time = UnixTime(milliseconds: start + 2 + Int64(number)).iso8601
        texts.append(
          #"{"timestamp":"\#(time)","level":"INFO","message":"shard started","requestId":"\#(id)","run":"\#(run)","shard":\#(shard)}"#
        )
        about.append([shard])
      }
      if Bool.random(using: &random) {
        texts.append("Fatal error: Index out of range")
        about.append(Set(shards))
      }
      texts += ["END RequestId: \(id)", "REPORT RequestId: \(id)\tDuration: 1 ms"]
      about += [Set(shards), Set(shards)]
      for (number, text) in texts.enumerated() {
        let time = arrivesTogether ? start + 20 : start + Int64(number)
        lines.append((RunLogTests.event(time, text, stream), run, about[number], Int(start) * 100 + number))
      }
    }
  }

  @Test(
    "every line of the run's invocations is found once and in order, and no other run's",
    arguments: [false, true], [nil, 1])
  func selection(arrivesTogether: Bool, shard: Int?) throws {
    for seed in (0..<20).map({ RandomSeed.value &+ $0 }) {
      var written = Written(random: SeededRandom(seed: seed))
      // One stream has one invocation after the other.
      for number in 0..<30 {
        let stream = "s\(Int.random(in: 0..<4, using: &written.random))"
        let shards = Array((0..<3).shuffled(using: &written.random).prefix(2))
        written.invocation(
          stream, at: Int64(number) * 100, run: Bool.random(using: &written.random) ? "r" : "other",
          shards: shards, arrivesTogether: arrivesTogether)
      }
      let expected = written.lines.filter { $0.run == "r" && (shard.map($0.shards.contains) ?? true) }
        .sorted { $0.order < $1.order }.map(\.event.message)
      var log = try Self.log(shard: shard)
      var found: [LogLine] = []
      // The lines become visible in three steps, and each reading starts somewhat before the newest line.
      for (start, end) in [(0, 900), (500, 1_900), (1_500, 9_999)] as [(Int64, Int64)] {
        let start = UnixTime(milliseconds: start)
        let visible = written.lines.map(\.event).filter {
          $0.time < UnixTime(milliseconds: end) && $0.time >= start
        }
        for (stream, events) in Dictionary(grouping: visible, by: \.stream) {
          log.add(events, stream: stream, source: .worker)
        }
        found += log.takeNew()
      }
      let messages = written.lines.map { (LogLine($0.event, source: .worker), $0.event.message) }
      let texts = found.map { line in messages.first { $0.0 == line }?.1 }
      // #expect does not compare the arrays themselves, because it would print all lines.
      let difference = zip(texts, expected).first { $0 != $1 }.map { "\($0 ?? "") instead of \($1)" }
      #expect(difference == nil && texts.count == expected.count, "seed \(seed)")
      #expect(log.takeNew().isEmpty)
    }
  }

  @Test("a line that arrives late is returned once, and moves no other line") func late() throws {
    var log = try Self.log()
    let named = Self.event(10, #"{"message":"a","requestId":"q","run":"r"}"#)
    let text = Self.event(30, "crash")
    log.add([named, text], stream: "s", source: .worker)
    #expect(log.takeNew().map(\.message) == ["a", "crash"])
    log.add([named, Self.event(20, "late"), text, text], stream: "s", source: .worker)
    #expect(log.takeNew().map(\.message) == ["late", "crash"])
    #expect(log.count == 4)
  }

  @Test("with a shard, of the dispatcher's lines only those about it are shown") func dispatcher() throws {
    let lines = [
      #"{"message":"run planned","requestId":"q","run":"r"}"#,
      #"{"message":"not invoked","requestId":"q","run":"r","shard":1}"#,
      #"{"message":"not invoked","requestId":"q","run":"r","shard":2}"#,
    ].map { Self.event(1, $0) }
    var log = try Self.log(shard: 2)
    log.add(lines, stream: "s", source: .dispatcher)
    #expect(log.takeNew().map(\.shard) == [2])
  }

  @Test(
    "a line is shown on one line, with nothing in it that a terminal interprets",
    arguments: [
      (
        #"{"timestamp":"2026-11-24T03:00:01.250Z","level":"INFO","message":"shard started","requestId":"q","run":"r","shard":17,"hop":0,"rate":1.5,"key":"a b"}"#,
        #"2026-11-24T03:00:01.250Z  INFO   shard 17    shard started  hop=0 key="a b" rate=1.5"#
      ),
      (
        #"{"time":"2026-11-24T03:00:02.000Z","type":"platform.report","record":{"requestId":"q","status":"success","metrics":{"durationMs":2}}}"#,
        #"2026-11-24T03:00:02.000Z  -      worker      platform.report  metrics={"durationMs":2} status=success"#
      ),
      (
        "REPORT RequestId: q\tDuration: 1 ms\n",
        "1970-01-01T00:00:00.005Z  -      worker      REPORT RequestId: q Duration: 1 ms"
      ),
      ("\u{1B}[31mred\u{9B}0m \u{202E}x\r\n", "1970-01-01T00:00:00.005Z  -      worker      ?[31mred?0m ?x"),
      (
        #"{"message":"two\nlines \u001b]0;title\u0007","level":"\u001b[2J"}"#,
        "1970-01-01T00:00:00.005Z  ?[2J   worker      two lines ?]0;title?"
      ),
      (#"{"message":"unfinished"#, #"1970-01-01T00:00:00.005Z  -      worker      {"message":"unfinished"#),
      (
        "{\"a\":" + String(repeating: "[", count: 2_000),
        "1970-01-01T00:00:00.005Z  -      worker      {\"a\":" + String(repeating: "[", count: 2_000)
      ),
    ])
  func text(message: String, shown: String) {
    #expect(LogLine(Self.event(5, message), source: .worker).text == shown)
  }

  @Test("names and ARNs of functions, with a version or an alias, give the log group") func names() {
    for name in [
      "elenco-worker", "elenco-worker:live", "123456789012:function:elenco-worker",
      "arn:aws:lambda:eu-west-1:123456789012:function:elenco-worker:7",
    ] {
      #expect(LogReader.Function(source: .worker, name: name).group == "/aws/lambda/elenco-worker")
      #expect(LogReader.dispatcher(ofWorker: name) == "elenco-dispatcher")
    }
    #expect(
      LogReader.dispatcher(ofWorker: "fetch") == nil && LogReader.dispatcher(ofWorker: "-worker") == nil)
  }
}
