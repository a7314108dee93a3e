import Testing

@testable import Shared
@testable import Worker

/// What workers record of their requests over time, compared with what the simulated TMDB counted.
@Suite("Simulated series") struct SeriesSimulationTests {
  private static func series(_ run: SimulatedRun) throws -> [ShardSeries] {
    try run.plans.map { plan in
      let stored = try #require(run.store.objects[plan.layout.report(shard: plan.shard)])
      return try #require(try JSONText.decode(ShardReport.self, from: stored.bytes).series)
    }
  }

  private static func total(_ series: [ShardSeries], _ number: (ShardSeries.Bucket) -> Int) -> Int {
    series.flatMap(\.buckets).total(number)
  }

  @Test("the series goes from hop to hop: every request and film is in it once, and every session")
  func hops() throws {
    let run = try SimulatedRun(
      seed: 1,
      .init(
        shards: 4, filmsPerShard: 400, filmsPerFile: 50, workers: 4, requestsPerSecond: 36,
        timeout: .seconds(20)))
    try run.run()
    let series = try Self.series(run)
    #expect(run.isComplete && run.lambda.invocations > 4)
    #expect(Self.total(series, \.sent) == run.tmdb.requests)
    #expect(Self.total(series, \.responses) == run.tmdb.requests)
    #expect(Self.total(series, \.films) == 1600)
    #expect(series.total { $0.sessions.count } == run.lambda.invocations)
    for series in series {
      #expect(series.sessions.map(\.hop) == Array(0..<series.sessions.count))
      #expect(series.sessions.dropLast().allSatisfy { $0.end == .handedOver && $0.seconds > 5 })
      #expect(series.sessions.last?.end == .complete)
    }
  }

  @Test("a worker's death is in the series of its successor, with all but what it did since its last renewal")
  func death() throws {
    let run = try SimulatedRun(
      seed: 1, .init(shards: 4, filmsPerShard: 400, filmsPerFile: 50, workers: 4, requestsPerSecond: 20))
    run.lambda.outages.death = .seconds(70)
    try run.run()
    let series = try Self.series(run)
    #expect(run.isComplete)
    for series in series {
      #expect(series.sessions.map(\.end) == [.died, .complete])
      // It renewed its lease every 20 seconds.
      let lived = try #require(series.sessions.first?.seconds)
      #expect((50...70).contains(lived), "\(lived)")
    }
    let lost = run.tmdb.requests - Self.total(series, \.sent)
    #expect((0...20 * 21).contains(lost), "\(lost)")
  }

  @Test("refusals and the waits that TMDB asks for are in the series")
  func refusals() throws {
    let run = try SimulatedRun(
      seed: 1, .init(shards: 4, filmsPerShard: 200, filmsPerFile: 50, workers: 4, requestsPerSecond: 40))
    run.tmdb.limit = 20
    run.tmdb.retryAfterShare = 1
    try run.run()
    let series = try Self.series(run)
    #expect(run.isComplete && run.tmdb.refused > 0)
    #expect(Self.total(series, \.throttled) == run.tmdb.refused)
    #expect(Self.total(series, \.sent) == run.tmdb.requests)
    #expect(Self.total(series, \.pausedMilliseconds) >= 1000)
  }

  @Test("a replay of everything begins a new series, as it begins new counts")
  func replay() throws {
    let run = try SimulatedRun(
      seed: 1, .init(shards: 1, filmsPerShard: 100, filmsPerFile: 50, workers: 1, requestsPerSecond: 40))
    try run.run()
    let before = run.tmdb.requests
    run.replay(shard: 0, .all)
    let series = try Self.series(run)
    #expect(run.tmdb.requests > before && Self.total(series, \.sent) == run.tmdb.requests - before)
    #expect(series.first?.sessions.count == 1)
  }
}
