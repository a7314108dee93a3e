import Testing

@testable import Elenco
@testable import Shared

/// Runs of two shards with a ceiling of 20 requests per second, whose time is known second by second.
@Suite("Where a run's time went") struct TimeBalanceTests {
  private static let start = UnixTime(seconds: 1_795_489_200)

  /// What a shard's worker sends in each second of its session; a negative number is of refused requests.
  private static func history(_ shards: [[Int]]) throws -> RunHistory {
    let run = try #require(RunName("r"))
    let destination = Destination(bucket: "lake", prefix: "p")
    let plan = ShardPlan(
      run: run, date: "2026-11-24", shard: 0, shards: shards.count, destination: destination,
      filmsPerFile: 100,
      requestsPerSecond: 20, rateScope: .run, workers: shards.count, lookup: .direct, genres: ["Drama"],
      films: [])
    let layout = plan.layout
    let end = start + .seconds(shards.map(\.count).max() ?? 0)
    var objects = [(key: layout.manifest, modifiedAt: end)]
    let reports = shards.enumerated().map { shard, seconds in
      objects += [(layout.plan(shard: shard), start), (layout.report(shard: shard), end)]
      var series = ShardSeries()
      series.beginSession(hop: 0, at: start, previousWasActive: false)
      for (second, number) in seconds.enumerated() {
        series.record(atSecond: Int(start.nanoseconds / 1_000_000_000) + second) {
          $0.sent += abs(number)
          if number < 0 { $0.throttled -= number }
        }
      }
      series.endSession(at: start + .seconds(seconds.count), .complete)
      return ShardReport(
        run: run, shard: shard, state: .complete, films: 600, absent: [], failed: [], files: [],
        requests: ShardReport.Requests(), requestID: "q", startedAt: start.iso8601,
        seconds: Double(seconds.count), peakMemoryBytes: 0, series: series)
    }
    let listing = RunListing(objects: objects, layout: layout, now: end, terms: .standard)
    let location = try RunLocation(destination: destination, environment: [:])
    return RunHistory(
      RunStatus(plan: plan, listing: listing, reports: reports), leases: [:], selected: nil,
      options: RunOptions(run: run, location: location), readAt: end)
  }

  private static func seconds(_ count: Int, of number: Int) -> [Int] {
    Array(repeating: number, count: count)
  }

  @Test("a run at its ceiling takes what the forecast says")
  func even() throws {
    let run = try Self.history([Self.seconds(60, of: 10), Self.seconds(60, of: 10)])
    let balance = try #require(TimeBalance(run))
    // Two shards with 600 films, one request each, at 20 per second.
    #expect(balance.forecast == 60 && balance.actual == 60)
    for part in [balance.requests, balance.refusals, balance.missingWorkers, balance.tail, balance.other] {
      #expect(abs(part) < 0.01)
    }
  }

  @Test("what refusals cost ends when the rate has recovered")
  func refusals() throws {
    // 20 s at the ceiling; 1 s of refusals; 19 s at half the rate; 10 requests are repeated.
    let shard =
      Self.seconds(20, of: 10) + [-5] + Self.seconds(19, of: 5) + Self.seconds(31, of: 10)
    let balance = try #require(TimeBalance(try Self.history([shard, shard])))
    // 200 + 5 + 95 + 310 of each shard: 20 more than forecast, which is a second.
    #expect(abs(balance.requests - 1) < 0.01)
    // In 20 seconds 200 requests fewer than 20 per second.
    #expect(abs(balance.refusals - 10) < 0.01)
    #expect(abs(balance.tail) < 0.01 && abs(balance.other) < 0.01 && balance.actual == 71)
  }

  @Test("the time of the last shard alone is the end's, and slow requests are neither")
  func tail() throws {
    let balance = try #require(
      TimeBalance(
        try Self.history([Self.seconds(40, of: 10) + Self.seconds(20, of: 5), Self.seconds(80, of: 8)])))
    // 40 s with 18 per second, 20 s with 13, 20 s with 8; 60 requests fewer than forecast.
    #expect(abs(balance.requests - -3) < 0.01)
    #expect(abs(balance.tail - 12) < 0.01)
    #expect(abs(balance.other - 11) < 0.01)
    #expect(abs(balance.forecast + balance.requests + balance.tail + balance.other - balance.actual) < 0.01)
  }

  @Test("an event tells of refusals, with the rate before and during them")
  func event() throws {
    let shard = Self.seconds(20, of: 10) + [-5] + Self.seconds(19, of: 5) + Self.seconds(31, of: 10)
    let story = RunStory(try Self.history([shard, shard]))
    #expect(story.events.map(\.isNotable) == [false, false, true, false])
    #expect(
      story.events.map(\.text)[2]
        == "TMDB refused 10 requests with status 429, until 03:00:21. All workers together went from 20 to 10 "
        + "requests per second.")
    #expect(story.omitted == 0)
  }
}
