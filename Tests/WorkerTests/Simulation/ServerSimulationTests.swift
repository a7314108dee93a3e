import Testing

@testable import Shared
@testable import Worker

/// Whole runs in virtual time against servers that respond in unusual ways.
@Suite("Simulated servers") struct ServerSimulationTests {
  @Test(
    "a run against a server other than TMDB, which responds 404 to find, ends stopped: no absent film, no _SUCCESS",
    arguments: [(1, 12), (60, 5)])
  func otherServer(shards: Int, filmsPerShard: Int) throws {
    let run = try SimulatedRun(
      seed: 1,
      .init(
        shards: shards, filmsPerShard: filmsPerShard, filmsPerFile: 100, workers: shards,
        requestsPerSecond: 40))
    run.tmdb.isOtherServer = true
    try run.run()
    let manifest = try run.manifest()
    #expect(!run.isComplete && !manifest.isComplete)
    #expect(manifest.absent == [] && manifest.files == [] && manifest.failed == [])
    #expect(manifest.stopped.count == shards)
    #expect(manifest.stopped.allSatisfy { $0.reason.contains("Check TMDB_BASE_URL") })
    #expect(run.lambda.deadLetters.count == shards)

    // With the right address, a replay completes the run.
    run.tmdb.isOtherServer = false
    _ = run.replayUntilComplete()
    #expect(run.isComplete && run.wrongFiles() == [])
  }

  @Test("25 seconds of 503 with Retry-After cost a run neither a film nor an invocation", arguments: [0, 40])
  func retryAfter(requestsPerSecond: Double) throws {
    let run = try SimulatedRun(
      seed: 1,
      .init(
        shards: 1, filmsPerShard: 20, filmsPerFile: 10, workers: 1, requestsPerSecond: requestsPerSecond))
    run.tmdb.outage = .zero..<Duration.seconds(25)
    run.tmdb.outageRetryAfter = 5
    try run.run()
    #expect(run.isComplete && run.lambda.failed == 0 && run.wrongFiles() == [])
    #expect(run.tmdb.requests < 100, "\(run.tmdb.requests)")
  }
}
