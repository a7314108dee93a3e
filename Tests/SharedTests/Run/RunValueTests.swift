import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("Run values") struct RunValueTests {
  @Test("59,004 films in 60 shards give 24 shards of 984 films, 36 of 983, and 600 files of up to 100")
  func reference() {
    let sizes = Partition.ranges(of: 59_004, shards: 60).map(\.count)
    #expect(sizes == Array(repeating: 984, count: 24) + Array(repeating: 983, count: 36))
    #expect(sizes.reduce(0) { $0 + Partition.parts(of: $1, size: 100) } == 600)
  }

  @Test(
    "shards are contiguous, larger ones first, and their sizes differ by at most one",
    arguments: [0, 1, 59, 60, 61, 999, 59_004])
  func partition(count: Int) {
    for shards in [1, 2, 7, 60, 1000] {
      let ranges = Partition.ranges(of: count, shards: shards)
      #expect(ranges.count == shards)
      #expect(ranges.flatMap { Array($0) } == Array(0..<count))
      let sizes = ranges.map(\.count)
      #expect(sizes == sizes.sorted(by: >))
      #expect((sizes.first ?? 0) - (sizes.last ?? 0) <= 1)
    }
  }

  @Test("object keys follow the documented layout")
  func layout() throws {
    let layout = RunLayout(
      prefix: "Raw/TMDB/JSON/Atores", run: try #require(RunName("r1")), date: "2026-11-24")
    #expect(layout.dataFile(shard: 0, file: 1) == "Raw/TMDB/JSON/Atores/2026/11/24/Atores-T0-1.json")
    #expect(layout.success == "Raw/TMDB/JSON/Atores/2026/11/24/_SUCCESS")
    #expect(layout.plan(shard: 59) == "Raw/TMDB/JSON/Atores/_runs/r1/shards/T59.json")
    #expect(layout.report(shard: 3) == "Raw/TMDB/JSON/Atores/_runs/r1/reports/T3.json")
    #expect(layout.manifest == "Raw/TMDB/JSON/Atores/_runs/r1/manifest.json")
    #expect(layout.failedFilms == "Raw/TMDB/JSON/Atores/_runs/r1/failed.csv")
    #expect(RunLayout(prefix: "", run: layout.run, date: layout.date).success == "2026/11/24/_SUCCESS")
  }

  @Test("times are formatted and parsed in the formats of AWS")
  func times() {
    let time = UnixTime(nanoseconds: 1_369_353_600_007_000_000)
    #expect(time.iso8601 == "2013-05-24T00:00:00.007Z")
    #expect(time.basic == "20130524T000000Z")
    #expect(UnixTime(iso8601: time.iso8601) == time)
    #expect(UnixTime(iso8601: "2013-05-24T00:00:00Z") == UnixTime(seconds: 1_369_353_600))
    for text in ["", "2013-05-24", "2013-05-24T00:00:00", "2013-05-24T00:00:00Zx", "now"] {
      #expect(UnixTime(iso8601: text) == nil, "\(text)")
    }
  }

  @Test(
    "waits grow with full jitter up to a ceiling, end after the last attempt, and respect the server's Retry-After"
  )
  func retries() {
    let policy = RetryPolicy(attemptsMax: 5, base: .milliseconds(500), ceiling: .seconds(3))
    #expect((1...4).map { policy.wait(afterAttempts: $0, random: 0) } == Array(repeating: .zero, count: 4))
    let longest = (1...4).map { policy.wait(afterAttempts: $0, random: 1) }
    #expect(longest == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(3)])
    #expect(policy.wait(afterAttempts: 5, random: 0) == nil)
    #expect(policy.wait(afterAttempts: 1, serverWait: .seconds(7), random: 0) == .seconds(7))
    let requested = policy.wait(afterAttempts: 1, serverWait: .seconds(100_000), random: 1)
    #expect(requested == policy.serverWaitMax + .milliseconds(500))
  }

  @Test("a log line is one JSON object with all its fields and without secrets")
  func log() throws {
    let lines = Lines()
    var log = Log(level: .info) { lines.append($0) }
    log.requestID = "id-1"
    log.debug("omitted")
    log.info(
      "line \"one\"\n\u{1}é",
      ["films": 7, "rate": .number(0.5), "secret": .string("\(Secret("hush"))"), "isDry": true])
    #expect(lines.all.count == 1)
    let line = try #require(lines.all.first)
    #expect(line.last == 10)
    #expect(line.filter { $0 == 10 }.count == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    #expect(object["message"] as? String == "line \"one\"\n\u{1}é")
    #expect(object["level"] as? String == "INFO")
    #expect(object["requestId"] as? String == "id-1")
    #expect(object["films"] as? Int == 7)
    #expect(object["rate"] as? Double == 0.5)
    #expect(object["isDry"] as? Bool == true)
    #expect(object["secret"] as? String == "(hidden)")
    #expect(UnixTime(iso8601: object["timestamp"] as? String ?? "") != nil)
    #expect(Log(environment: ["AWS_LAMBDA_LOG_LEVEL": "error"]).level == .error)
    #expect(Log(environment: [:]).level == .info)
  }

  @Test("failed.csv is a valid source, whatever characters the reasons contain")
  func failedFilms() {
    let table = FailedFilms.table(
      [.init(id: "tt0000001", reason: "status 500, \"a|b\nc\""), .init(id: "tt0000002", reason: "x")],
      generos: ["tt0000002": "Romance", "tt0000003": "War"], genres: ["Romance", "Drama"])
    #expect(
      String(decoding: table, as: UTF8.self)
        == "id|genero|reason\ntt0000001|Drama,Romance|status 500, \"a b c\"\ntt0000002|Romance|x\n")
  }

  @Test(
    "the forecast warns of sixty workers waiting under a ceiling, not of four, and its dollars match the design"
  )
  func forecast() {
    var terms = Forecast.Terms(
      films: 59_004, shards: 60, files: 600, workers: 60, requestsPerFilm: 2, requestsPerSecond: 40,
      rateScope: .run,
      memory: 128, timeout: 900)
    let many = Forecast(terms)
    #expect(many.requests == 118_008)
    #expect((many.seconds - 2950.2).magnitude < 0.01)
    #expect(many.hopsPerShard == 4)
    #expect(many.cheapestWorkers == 4)
    #expect((0.35...0.45).contains(many.dollars))
    #expect(many.warning?.contains("\"workers\": 4") == true)
    terms.workers = 4
    let few = Forecast(terms)
    #expect(few.seconds == many.seconds)
    #expect((0.02...0.04).contains(few.dollars))
    #expect(few.warning == nil)
    #expect(few.peakConcurrency == 4)
  }
}

/// Collects log lines.
private final class Lines: @unchecked Sendable {
  // Safety: only the thread of one test reads and writes it.
  private(set) var all: [[UInt8]] = []
  func append(_ line: [UInt8]) { all.append(line) }
}
