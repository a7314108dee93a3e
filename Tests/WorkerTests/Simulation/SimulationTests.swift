import TestSupport
import Testing

@testable import Shared
@testable import Worker

/// Runs the worker's real code over hours of virtual time. S3, TMDB, Lambda, the clock and randomness are simulated.
@Suite("Simulated runs") struct SimulationTests {
  @Test(
    "without faults, each film is fetched once, and the run uses most of the ceiling without exceeding it")
  func calm() throws {
    let run = try SimulatedRun(
      seed: 1,
      .init(shards: 60, filmsPerShard: 200, filmsPerFile: 100, workers: 60, requestsPerSecond: 40))
    try run.run()
    #expect(run.isComplete && run.manifestWrites == 1)
    #expect(run.wrongFiles() == [])
    #expect(run.openLeases() == [])
    #expect(run.refetchedCredits == 0)
    #expect(run.lambda.peakRunning == 60 && run.lambda.deadLetters.isEmpty)
    #expect(run.tmdb.peakPerSecond <= 40 + 60 * Int(RatePacer.burst))
    let seconds = (run.tmdb.last - run.tmdb.first).inSeconds
    #expect(Double(run.tmdb.requests) >= 0.85 * 40 * seconds, "\(run.tmdb.requests) in \(seconds) s")
  }

  /// Workers that do not know of each other, and a server with one limit for all of them or one for each.
  @Test(
    "workers find the server's limit: while all of them work, they use most of it, and few requests are refused",
    arguments: [
      // the run's shards, requests per second and rate scope; the server's limit; whether it applies to each process
      (60, 200, .adaptive, 100, false), (4, 200, .adaptive, 100, false), (4, 200, .adaptive, 50, true),
      (60, 200, .run, 50, false), (10, 200, .run, 50, false), (1, 400, .worker, 50, false),
    ] as [(Int, Double, RateScope, Int, Bool)], 1...5 as ClosedRange<UInt64>)
  func limits(of run: (Int, Double, RateScope, Int, Bool), seed: UInt64) throws {
    let (shards, rate, scope, limit, limitsEachProcess) = run
    let allowed = Double(limitsEachProcess ? limit * shards : limit)
    let run = try SimulatedRun(
      seed: seed,
      .init(
        shards: shards, filmsPerShard: Int(allowed) * 60 / shards, filmsPerFile: 50, workers: shards,
        requestsPerSecond: rate, rateScope: scope))
    run.tmdb.limit = limit
    run.tmdb.limitsEachProcess = limitsEachProcess
    // TMDB is not known to send Retry-After with a 429. With the header, workers would send nothing during the wait.
    run.tmdb.retryAfterShare = 0
    try run.run()
    #expect(run.isComplete && run.refetchedCredits == 0)
    #expect(Double(run.tmdb.refused) < 0.1 * Double(run.tmdb.requests), "\(run.tmdb.refused)")
    #expect(run.tmdb.servedPerSecondMidway >= 0.8 * allowed, "\(run.tmdb.servedPerSecondMidway)")
  }

  /// The same as `make soak` with real binaries, with the short response times of a single machine: an immediate retry
  /// then falls into the same full second as the refusal.
  @Test(
    "over a whole run, sixty workers use most of the server's limit, and few requests are refused",
    arguments: [
      // films and rate scope of a run with 200 requests per second; the server's limit for all workers; the fraction of
      // it that has to be used; the share of refusals with Retry-After
      (5800, .run, 50, 0.8, 0), (14_500, .adaptive, 100, 0.85, 0), (14_500, .adaptive, 100, 0.85, 0.5),
    ] as [(Int, RateScope, Int, Double, Double)], 1...3 as ClosedRange<UInt64>)
  func wholeRuns(of run: (Int, RateScope, Int, Double, Double), seed: UInt64) throws {
    let (films, scope, limit, use, retryAfterShare) = run
    let run = try SimulatedRun(
      seed: seed,
      .init(
        shards: 60, filmsPerShard: films / 60, filmsPerFile: 100, workers: 60, requestsPerSecond: 200,
        rateScope: scope))
    run.tmdb.limit = limit
    run.tmdb.retryAfterShare = retryAfterShare
    run.tmdb.latency = .milliseconds(1)
    run.lambda.startup = .seconds(1)
    try run.run()
    #expect(run.isComplete && run.refetchedCredits == 0)
    #expect(run.tmdb.refusedShare <= 0.07, "\(run.tmdb.refusedShare)")
    #expect(run.tmdb.servedPerSecond >= use * Double(limit), "\(run.tmdb.servedPerSecond)")
  }

  /// More workers than by default, each with a small share of the rate. `make soak` has a thousand of them.
  @Test(
    "hundreds of workers that are refused together do not retry together",
    arguments: [
      // workers, films and rate scope of a run with 40 requests per second; the server's limit for all workers; the
      // share of refusals with Retry-After
      (200, 6000, .run, 20, 0), (200, 6000, .run, 20, 1),
      Soak.isEnabled ? (1000, 30_000, .adaptive, 40, 0) : (200, 6000, .adaptive, 20, 0),
      Soak.isEnabled ? (1000, 30_000, .adaptive, 40, 1) : (200, 6000, .adaptive, 20, 1),
    ] as [(Int, Int, RateScope, Int, Double)])
  func manyWorkers(of run: (Int, Int, RateScope, Int, Double)) throws {
    let (workers, films, scope, limit, retryAfterShare) = run
    let run = try SimulatedRun(
      seed: 1,
      .init(
        shards: workers, filmsPerShard: films / workers, filmsPerFile: 100, workers: workers,
        requestsPerSecond: 40, rateScope: scope))
    run.tmdb.limit = limit
    run.tmdb.retryAfterShare = retryAfterShare
    try run.run()
    #expect(run.isComplete && run.refetchedCredits == 0)
    #expect(run.tmdb.refusedShare <= 0.12, "\(run.tmdb.refusedShare)")
    #expect(run.tmdb.servedPerSecondMidway >= 0.7 * Double(limit), "\(run.tmdb.servedPerSecondMidway)")
  }

  @Test("with short timeouts, workers hand over: each film is fetched once, and little billed time is wasted")
  func hops() throws {
    let run = try SimulatedRun(
      seed: 2,
      .init(
        shards: 4, filmsPerShard: 400, filmsPerFile: 100, workers: 4, requestsPerSecond: 36,
        timeout: .seconds(20)))
    try run.run()
    #expect(run.isComplete && run.manifestWrites == 1)
    #expect(run.wrongFiles() == [])
    #expect(run.refetchedCredits == 0)
    #expect(run.lambda.invocations > 4 * 4)
    let useful = Double(run.tmdb.requests) / 36 * 4
    #expect(run.lambda.billed.inSeconds < useful / 0.85, "\(run.lambda.billed.inSeconds) s for \(useful) s")
  }

  @Test(
    "in every encoding, hops, deaths and both kinds of replay end in the same bytes as a calm run",
    arguments: DataFileEncoding.allCases, 1...5 as ClosedRange<UInt64>)
  func encodings(encoding: DataFileEncoding, seed: UInt64) throws {
    var size = SimulatedRun.Size(
      shards: 3, filmsPerShard: 120, filmsPerFile: 25, workers: 3, requestsPerSecond: 12, lease: .seconds(5),
      encoding: encoding)
    let calm = try SimulatedRun(seed: seed, size)
    try calm.run()
    #expect(calm.isComplete && calm.wrongFiles() == [] && calm.dataFiles.count == 15)

    // Each hop fetches about 30 films, so that it begins or ends inside a file.
    size.timeout = .seconds(16)
    let run = try SimulatedRun(
      seed: seed, size,
      faults: .init(deaths: 0.3, deathWithin: .seconds(20), duplicates: 0.1, lostResponses: 0.05))
    try run.run()
    _ = run.replayUntilComplete()
    #expect(run.isComplete && run.lambda.invocations > 3 * 3)
    #expect(run.dataFiles == calm.dataFiles)
    let hashes = try run.manifest().files.map(\.sha256)
    #expect(try calm.manifest().files.map(\.sha256) == hashes)

    // A replay of what is missing fetches the films of one file: 145 to 169.
    run.lambda.faults = .init()
    let (fetched, key) = (run.refetchedCredits, "p/2026/11/24/Atores-T1-2" + encoding.ending)
    run.delete(key)
    run.replay(shard: 1, .missing)
    #expect(run.dataFiles == calm.dataFiles)
    #expect(run.refetchedCredits - fetched == (145..<170).count { !SimulatedTMDB.isAbsent($0) })

    // A replay of everything fetches all films again.
    run.replay(shard: 2, .all)
    #expect(run.dataFiles == calm.dataFiles)
    #expect(try run.manifest().isComplete && run.manifest().files.map(\.sha256) == hashes)
  }

  @Test(
    "despite deaths, duplicates, lost responses, short timeouts and failing films, replays complete a run",
    arguments: Soak.seeds(400, soak: 4000))
  func randomFaults(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let shards = Int.random(in: 1...8, using: &random)
    let size = SimulatedRun.Size(
      shards: shards, filmsPerShard: .random(in: 1...60, using: &random),
      filmsPerFile: .random(in: 3...20, using: &random), workers: .random(in: 1...shards, using: &random),
      requestsPerSecond: Bool.random(using: &random) ? 0 : .random(in: 4...60, using: &random),
      rateScope: RateScope.allCases.randomElement(using: &random) ?? .run,
      timeout: .seconds(Int.random(in: 8...60, using: &random)),
      lease: .seconds(Int.random(in: 2...60, using: &random)),
      encoding: DataFileEncoding.allCases[Int(seed % 4)])
    let faults = SimulatedLambda.FaultRates(
      deaths: .random(in: 0...0.5, using: &random),
      deathWithin: .seconds(Int.random(in: 1...20, using: &random)),
      duplicates: .random(in: 0...0.3, using: &random), lostResponses: .random(in: 0...0.1, using: &random),
      failures: Bool.random(using: &random) ? 0 : .random(in: 0...0.01, using: &random))
    let run = try SimulatedRun(seed: seed, size, faults: faults)
    run.tmdb.limit = Bool.random(using: &random) ? nil : .random(in: 5...100, using: &random)
    run.tmdb.failureRate = .random(in: 0...0.05, using: &random)
    if Bool.random(using: &random) {
      run.tmdb.failing = [Int.random(in: 0..<shards * size.filmsPerShard, using: &random)]
    }
    try run.run()
    run.tmdb.failing = []
    let replays = run.replayUntilComplete()
    let context: Comment = "seed \(seed): \(size), \(faults), \(replays) replays"
    #expect(run.isComplete, context)
    #expect(run.wrongFiles() == [], context)
    let manifest = try run.manifest()
    #expect(manifest.isComplete && manifest.failed.isEmpty, context)
    #expect(manifest.filmsWritten + manifest.absent.count == shards * size.filmsPerShard, context)
    // Only films that were in flight or not yet written when a worker ended are fetched again.
    let ends = run.lambda.killed + run.lambda.failed
    #expect(run.refetchedCredits <= ends * (size.filmsPerFile + FilmFetcher.inFlightMax), context)
  }

  /// One worker for four shards, so that it takes up three unclaimed ones. There are no replays: Lambda's two retries
  /// have to suffice.
  @Test(
    "a temporary outage while a worker is on an unclaimed shard does not leave any shard incomplete",
    arguments: [
      // what fails, and during which seconds; the timeout of an invocation
      ("S3", 50..<75, 900), ("S3", 70..<95, 900), ("TMDB", 50..<130, 900), ("token", 115..<125, 900),
      ("Invoke", 130..<145, 80), ("Invoke", 200..<215, 80), ("Invoke", 270..<285, 80),
    ] as [(String, Range<Int>, Int)])
  func outages(of outage: (String, Range<Int>, Int)) throws {
    let (service, seconds, timeout) = outage
    let rate = timeout == 900 ? 20.0 : 4
    let run = try SimulatedRun(
      seed: 3,
      .init(
        shards: 4, filmsPerShard: timeout == 900 ? 400 : 150, filmsPerFile: 10, workers: 1,
        requestsPerSecond: rate, timeout: .seconds(timeout)))
    let time = Duration.seconds(seconds.lowerBound)..<Duration.seconds(seconds.upperBound)
    switch service {
    case "S3": run.lambda.outages.store = time
    case "Invoke": run.lambda.outages.invoke = time
    case "TMDB": run.tmdb.outage = time
    default:
      // The worker is killed on an unclaimed shard, and its retry cannot read the token at first.
      run.lambda.outages.death = .seconds(60)
      run.lambda.outages.token = time
    }
    try run.run()
    #expect(run.isComplete && run.lambda.deadLetters.isEmpty)
    #expect(run.lambda.failed > 0)
    #expect(run.wrongFiles() == [])
  }

  @Test(
    "a shard with an invalid plan does not stop the other shards, and the event of its worker ends as failed")
  func brokenPlan() throws {
    let run = try SimulatedRun(
      seed: 5,
      .init(shards: 4, filmsPerShard: 20, filmsPerFile: 10, workers: 1, requestsPerSecond: 20))
    run.replace(run.plans[1].layout.plan(shard: 1), with: "no plan")
    try run.run()
    #expect(run.lambda.deadLetters.count == 1)
    #expect(run.wrongFiles() == [1, 2].map { "p/2026/11/24/Atores-T1-\($0).json" })
  }

  @Test("a report that does not match the stored files is rewritten without fetching a film")
  func staleReport() throws {
    let run = try SimulatedRun(
      seed: 6,
      .init(shards: 1, filmsPerShard: 20, filmsPerFile: 10, workers: 1, requestsPerSecond: 20))
    try run.run()
    let key = run.plans[0].layout.report(shard: 0)
    let report = String(decoding: try #require(run.store.objects[key]).bytes, as: UTF8.self)
    // This happens when a replay of all files has written other bytes and died before its report.
    let hash = try #require(try run.manifest().files.first).sha256
    run.replace(key, with: report.replacing(hash, with: String(repeating: "0", count: 64)))
    run.lambda.send(Array(#"{"run":"simulated","shard":0}"#.utf8))
    #expect(run.loop.run(limit: .seconds(3600)))
    #expect(String(decoding: try #require(run.store.objects[key]).bytes, as: UTF8.self).contains(hash))
    #expect(try run.manifest().files.first?.sha256 == hash)
    #expect(run.isComplete && run.refetchedCredits == 0)
  }

  @Test(
    "a run writes only to a folder that belongs to it or to no run",
    arguments: [nil, "simulated", "later"] as [String?])
  func folderOwner(owner: String?) throws {
    let run = try SimulatedRun(
      seed: 7,
      .init(shards: 2, filmsPerShard: 20, filmsPerFile: 10, workers: 2, requestsPerSecond: 20))
    if let owner { run.replace("p/_runs/_days/2026-11-24.json", with: #"{"run":"\#(owner)"}"#) }
    try run.run()
    guard owner == "later" else {
      #expect(run.isComplete && run.wrongFiles() == [])
      return
    }
    #expect(run.folderKeys == [] && run.tmdb.requests == 0)
    // The later run's _SUCCESS stays, also if the earlier run is replayed.
    run.replace(run.plans[0].layout.success, with: "")
    run.lambda.send(Array(#"{"run":"simulated","shard":0,"replay":"all"}"#.utf8))
    #expect(run.loop.run(limit: .seconds(3600)))
    #expect(run.isComplete && run.tmdb.requests == 0)
    #expect(run.lambda.failed == 0)
  }

  @Test("duplicate events do not add workers beyond those that share the rate")
  func duplicatesOfFew() throws {
    let run = try SimulatedRun(
      seed: 4,
      .init(shards: 40, filmsPerShard: 20, filmsPerFile: 10, workers: 4, requestsPerSecond: 40),
      faults: .init(duplicates: 1))
    try run.run()
    #expect(run.isComplete && run.refetchedCredits == 0)
    #expect(run.tmdb.peakPerSecond <= 40 + 4 * Int(RatePacer.burst))
  }

  /// `make soak` has a million films.
  @Test(
    "many films, over hours with deaths, duplicates and 429s, end in correct files and one manifest",
    arguments: [20_261_124])
  func manyFilms(seed: UInt64) throws {
    let shards = Soak.isEnabled ? 1000 : 200
    let size = SimulatedRun.Size(
      shards: shards, filmsPerShard: 1000, filmsPerFile: 100, workers: 40, requestsPerSecond: 200)
    let run = try SimulatedRun(
      seed: seed, size, faults: .init(deaths: 0.05, duplicates: 0.02, lostResponses: 0.01))
    run.tmdb.limit = 195
    run.tmdb.failureRate = 0.001
    try run.run()
    #expect(run.isComplete, "seed \(seed)")
    #expect(run.manifestWrites == 1)
    #expect(run.wrongFiles() == [])
    #expect(run.openLeases() == [])
    #expect(run.loop.elapsed > .seconds(shards * 7))
    #expect(run.tmdb.peakPerSecond <= 200 + 40 * Int(RatePacer.burst))
    #expect(run.refetchedCredits <= run.lambda.killed * (100 + FilmFetcher.inFlightMax))
    #expect(run.lambda.killed > shards / 100)
  }
}
