import Testing

@testable import Shared
@testable import Worker

/// What a hop found and did not fetch goes to the next one with the lease. Runs in virtual time.
@Suite("Simulated hand-overs") struct HandOverSimulationTests {
  @Test(
    "without faults, no request is made twice in a run, however often its shards are handed over",
    arguments: [
      // shards, films per shard, requests per second, seconds per invocation
      (4, 150, 16, 20), (4, 400, 36, 20), (1, 200, 12, 10), (3, 300, 200, 6), (2, 60, 1, 30),
    ] as [(Int, Int, Double, Int)], 1...3 as ClosedRange<UInt64>)
  func noRequestTwice(of run: (Int, Int, Double, Int), seed: UInt64) throws {
    let (shards, films, rate, seconds) = run
    let run = try SimulatedRun(
      seed: seed,
      .init(
        shards: shards, filmsPerShard: films, filmsPerFile: 25, workers: shards, requestsPerSecond: rate,
        timeout: .seconds(seconds)))
    try run.run()
    #expect(run.isComplete && run.wrongFiles() == [] && run.openLeases() == [])
    #expect(run.lambda.invocations > shards)
    let absent = (0..<shards * films).count(where: SimulatedTMDB.isAbsent)
    #expect(run.repeatedFinds == 0 && run.refetchedCredits == 0)
    #expect(run.tmdb.requests == 2 * shards * films - absent)
    #expect(try run.leases().allSatisfy { $0.found == nil })
  }

  @Test("a shard that stops in the middle is continued by a replay without a second find")
  func stopped() throws {
    let run = try SimulatedRun(
      seed: 1,
      .init(shards: 1, filmsPerShard: 400, filmsPerFile: 400, workers: 1, requestsPerSecond: 20))
    run.tmdb.refusesCredits = true
    try run.run()
    #expect(!run.isComplete)
    let found = try #require(try run.leases().first?.found)
    #expect((1...FilmFetcher.inFlightMax).contains(found.count))
    for (id, film) in found { #expect(id == SimulatedTMDB.id(of: film - 1)) }
    let finds = run.tmdb.finds
    run.tmdb.refusesCredits = false
    #expect(run.replayUntilComplete() > 0 && run.wrongFiles() == [])
    for id in found.keys {
      let film = try #require(Int(id.dropFirst(2))) - 1_000_000
      #expect(run.tmdb.finds[film] == finds[film], "film \(film)")
    }
  }
}
