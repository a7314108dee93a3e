import TestSupport
import Testing

@testable import Shared
@testable import Worker

/// A run's ceiling, shared by the workers that are alive.
@Suite("Simulated budget") struct BudgetSimulationTests {
  /// The reference run, with as many workers as an account allows to run at once.
  @Test(
    "however many workers are alive, they use at least 95 % of the ceiling and do not exceed it",
    arguments: [1, 10, 60])
  func alive(workers: Int) throws {
    let run = try SimulatedRun(
      seed: 1,
      .init(shards: 60, filmsPerShard: 983, filmsPerFile: 100, workers: 60, requestsPerSecond: 40))
    try run.run(alive: workers)
    #expect(run.isComplete && run.wrongFiles() == [] && run.refetchedCredits == 0)
    let seconds = (run.tmdb.last - run.tmdb.first).inSeconds
    let use = Double(run.tmdb.requests) / (40 * seconds)
    #expect(seconds < 55 * 60 && (0.95...1.01).contains(use), "\(run.tmdb.requests) in \(seconds) s: \(use)")
    let forecast = Forecast(
      Forecast.Terms(
        films: 60 * 983, shards: 60, files: 600, workers: 60, requestsPerFilm: 2, requestsPerSecond: 40,
        rateScope: .run, memory: 128, timeout: 900))
    #expect(
      abs(forecast.seconds / seconds - 1) < 0.1, "\(forecast.seconds) s forecast, \(seconds) s simulated")
    #expect(
      run.tmdb.peakSentPerSecond <= 40 + workers * Int(RatePacer.burst), "\(run.tmdb.peakSentPerSecond)")
  }

  @Test("the last of five shards gets the rate of the four workers", arguments: 1...10 as ClosedRange<UInt64>)
  func lastShard(seed: UInt64) throws {
    let run = try SimulatedRun(
      seed: seed,
      .init(
        shards: 5, filmsPerShard: 100, filmsPerFile: 100, workers: 4, requestsPerSecond: 40,
        lease: .seconds(5)))
    try run.run()
    #expect(run.isComplete && run.tmdb.last < .seconds(31), "seed \(seed): \(run.tmdb.last)")
    #expect(
      run.tmdb.peakSentPerSecond <= 40 + 4 * Int(RatePacer.burst),
      "seed \(seed): \(run.tmdb.peakSentPerSecond)")
  }

  @Test("a replay of one of sixty shards after the run has the whole ceiling")
  func replay() throws {
    let run = try SimulatedRun(
      seed: 1,
      .init(shards: 60, filmsPerShard: 100, filmsPerFile: 100, workers: 60, requestsPerSecond: 40))
    try run.run()
    let (requests, started) = (run.tmdb.requests, run.loop.elapsed)
    run.replay(shard: 17, .all)
    let sent = run.tmdb.requests - requests
    #expect(run.isComplete && sent > 190)
    // 200 requests at 40 per second take 5 seconds.
    #expect(
      (4.5..<7).contains((run.tmdb.last - started).inSeconds),
      "\(sent) requests in \(run.tmdb.last - started)")
  }

  @Test("workers whose time is shorter than the wait of one that comes wait no longer for that")
  func shortTimeouts() throws {
    let run = try SimulatedRun(
      seed: 1,
      .init(
        shards: 4, filmsPerShard: 100, filmsPerFile: 100, workers: 4, requestsPerSecond: 40,
        timeout: .seconds(40)))
    try run.run()
    let (requests, started, invocations) = (run.tmdb.requests, run.loop.elapsed, run.lambda.invocations)
    // Each of the two sees the other one.
    for shard in [1, 2] {
      run.lambda.send(Array(#"{"run":"simulated","shard":\#(shard),"replay":"all"}"#.utf8))
    }
    #expect(run.loop.run(limit: .seconds(86_400)))
    #expect(run.isComplete && run.tmdb.requests - requests > 390)
    // A wait of 77 seconds, and 400 requests at 40 per second.
    #expect((run.tmdb.last - started).inSeconds < 110, "\(run.tmdb.last - started)")
    #expect(run.lambda.invocations - invocations <= 8)
  }

  @Test(
    "workers that come, go, die and stall do not exceed the ceiling", arguments: Soak.seeds(15, soak: 100)
  )
  func changes(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let workers = Int.random(in: 2...20, using: &random)
    let alive = Int.random(in: 1...workers, using: &random)
    let run = try SimulatedRun(
      seed: seed,
      .init(
        shards: 20, filmsPerShard: 150, filmsPerFile: 25, workers: workers, requestsPerSecond: 40,
        timeout: .seconds(Int.random(in: 60...900, using: &random)),
        lease: .seconds(Int.random(in: 3...60, using: &random))),
      faults: .init(deaths: 0.3, deathWithin: .seconds(120), suspensions: 0.3, duplicates: 0.2))
    for late in alive..<max(alive, workers) {
      let delay = Duration.seconds(Double.random(in: 0...200, using: &random))
      run.loop.after(delay) {
        run.lambda.send(Array(#"{"run":"simulated","shard":\#(late),"helps":true}"#.utf8))
      }
    }
    try run.run(alive: alive)
    _ = run.replayUntilComplete()
    #expect(run.isComplete && run.wrongFiles() == [], "seed \(seed)")
    #expect(
      run.tmdb.peakSentPerSecond <= 40 + workers * Int(RatePacer.burst),
      "seed \(seed): \(run.tmdb.peakSentPerSecond) with \(workers) workers")
  }
}
