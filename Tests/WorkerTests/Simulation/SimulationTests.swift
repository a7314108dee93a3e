import TestSupport
import Testing

@testable import Shared
@testable import Worker

/// The worker's own code over hours of virtual time: what is simulated is S3, TMDB, Lambda, time and chance.
@Suite("Whole runs in virtual time") struct SimulationTests {
  @Test("without trouble each film is asked for once, within the ceiling, and most of it is used")
  func calm() throws {
    let run = try SimulatedRun(
      seed: 1,
      .init(shards: 60, filmsPerShard: 200, filmsPerFile: 100, workers: 60, requestsPerSecond: 40))
    try run.run()
    #expect(run.isComplete && run.manifestWrites == 1)
    #expect(run.wrongFiles() == [])
    #expect(run.openLeases() == [])
    #expect(run.servedAgain == 0)
    #expect(run.lambda.runningMost == 60 && run.lambda.dead.isEmpty)
    #expect(run.tmdb.fullestSecond <= 40 + 60 * Int(RatePacer.burst))
    let seconds = (run.tmdb.last - run.tmdb.first).inSeconds
    #expect(Double(run.tmdb.requests) >= 0.85 * 40 * seconds, "\(run.tmdb.requests) in \(seconds) s")
  }

  /// Workers that know nothing of one another against a server with a limit for all, or for each.
  @Test(
    "what the server allows is found: while all are at work most of it is used, and few requests are refused",
    arguments: [
      // shards, requests a second and scope of the run; what the server allows, to all or to each
      (60, 200, .adaptive, 100, false), (4, 200, .adaptive, 100, false), (4, 200, .adaptive, 50, true),
      (60, 200, .run, 50, false), (10, 200, .run, 50, false), (1, 400, .worker, 50, false),
    ] as [(Int, Double, RateScope, Int, Bool)], 1...5 as ClosedRange<UInt64>)
  func limits(of run: (Int, Double, RateScope, Int, Bool), seed: UInt64) throws {
    let (shards, rate, scope, limit, limitsEach) = run
    let allowed = Double(limitsEach ? limit * shards : limit)
    let run = try SimulatedRun(
      seed: seed,
      .init(
        shards: shards, filmsPerShard: Int(allowed) * 60 / shards, filmsPerFile: 50, workers: shards,
        requestsPerSecond: rate, rateScope: scope))
    run.tmdb.limit = limit
    run.tmdb.limitsEach = limitsEach
    // TMDB's 429 is not known to say how long to wait; one that does is silence for as long.
    run.tmdb.asksToWait = 0
    try run.run()
    #expect(run.isComplete && run.servedAgain == 0)
    #expect(Double(run.tmdb.refused) < 0.1 * Double(run.tmdb.requests), "\(run.tmdb.refused)")
    #expect(run.tmdb.servedPerSecondMidway >= 0.8 * allowed, "\(run.tmdb.servedPerSecondMidway)")
  }

  /// What `make soak` does with real binaries, on answers as quick as those of a machine to itself: a try that follows
  /// a refusal at once then meets the same full second.
  @Test(
    "from the first request to the last, sixty workers use most of what the server allows, and few are refused",
    arguments: [
      // films and scope of the run, which believes in 200 requests a second; what the server allows to all; the least
      // part of it that is used; how many refusals say how long to wait
      (5800, .run, 50, 0.8, 0), (14_500, .adaptive, 100, 0.85, 0), (14_500, .adaptive, 100, 0.85, 0.5),
    ] as [(Int, RateScope, Int, Double, Double)], 1...3 as ClosedRange<UInt64>)
  func wholeRuns(of run: (Int, RateScope, Int, Double, Double), seed: UInt64) throws {
    let (films, scope, limit, use, asksToWait) = run
    let run = try SimulatedRun(
      seed: seed,
      .init(
        shards: 60, filmsPerShard: films / 60, filmsPerFile: 100, workers: 60, requestsPerSecond: 200,
        rateScope: scope))
    run.tmdb.limit = limit
    run.tmdb.asksToWait = asksToWait
    run.tmdb.travel = .milliseconds(1)
    run.lambda.startup = .seconds(1)
    try run.run()
    #expect(run.isComplete && run.servedAgain == 0)
    #expect(run.tmdb.refusedShare <= 0.07, "\(run.tmdb.refusedShare)")
    #expect(run.tmdb.servedPerSecond >= use * Double(limit), "\(run.tmdb.servedPerSecond)")
  }

  /// More workers than the defaults have, each with a small part.
  @Test(
    "hundreds of workers that are refused together do not come back together",
    arguments: [
      // workers, films and scope of a run that believes in 40 requests a second; what the server allows to all; how
      // many refusals say how long to wait
      (200, 6000, .run, 20, 0), (200, 6000, .run, 20, 1), (1000, 30_000, .adaptive, 40, 0),
      (1000, 30_000, .adaptive, 40, 1),
    ] as [(Int, Int, RateScope, Int, Double)])
  func manyWorkers(of run: (Int, Int, RateScope, Int, Double)) throws {
    let (workers, films, scope, limit, asksToWait) = run
    let run = try SimulatedRun(
      seed: 1,
      .init(
        shards: workers, filmsPerShard: films / workers, filmsPerFile: 100, workers: workers,
        requestsPerSecond: 40, rateScope: scope))
    run.tmdb.limit = limit
    run.tmdb.asksToWait = asksToWait
    try run.run()
    #expect(run.isComplete && run.servedAgain == 0)
    #expect(run.tmdb.refusedShare <= 0.12, "\(run.tmdb.refusedShare)")
    #expect(run.tmdb.servedPerSecondMidway >= 0.7 * Double(limit), "\(run.tmdb.servedPerSecondMidway)")
  }

  @Test("short of time, workers hand over: each film is asked for once, and little time is billed in vain")
  func hops() throws {
    let run = try SimulatedRun(
      seed: 2,
      .init(
        shards: 4, filmsPerShard: 400, filmsPerFile: 100, workers: 4, requestsPerSecond: 36,
        timeout: .seconds(20)))
    try run.run()
    #expect(run.isComplete && run.manifestWrites == 1)
    #expect(run.wrongFiles() == [])
    #expect(run.servedAgain == 0)
    #expect(run.lambda.invocations > 4 * 4)
    let useful = Double(run.tmdb.requests) / 36 * 4
    #expect(run.lambda.billed.inSeconds < useful / 0.85, "\(run.lambda.billed.inSeconds) s for \(useful) s")
  }

  @Test(
    "under deaths, duplicates, lost answers, short times and failing films a run ends whole, and is mended by replays",
    arguments: 1...400 as ClosedRange<UInt64>)
  func trouble(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let shards = Int.random(in: 1...8, using: &random)
    let size = SimulatedRun.Size(
      shards: shards, filmsPerShard: .random(in: 1...60, using: &random),
      filmsPerFile: .random(in: 3...20, using: &random), workers: .random(in: 1...shards, using: &random),
      requestsPerSecond: Bool.random(using: &random) ? 0 : .random(in: 4...60, using: &random),
      rateScope: RateScope.allCases.randomElement(using: &random) ?? .run,
      timeout: .seconds(Int.random(in: 8...60, using: &random)),
      lease: .seconds(Int.random(in: 2...60, using: &random)))
    let troubles = SimulatedLambda.Troubles(
      deaths: .random(in: 0...0.5, using: &random),
      deathWithin: .seconds(Int.random(in: 1...20, using: &random)),
      duplicates: .random(in: 0...0.3, using: &random), lostAnswers: .random(in: 0...0.1, using: &random),
      failures: Bool.random(using: &random) ? 0 : .random(in: 0...0.01, using: &random))
    let run = try SimulatedRun(seed: seed, size, troubles: troubles)
    run.tmdb.limit = Bool.random(using: &random) ? nil : .random(in: 5...100, using: &random)
    run.tmdb.troubles = .random(in: 0...0.05, using: &random)
    if Bool.random(using: &random) {
      run.tmdb.failing = [Int.random(in: 0..<shards * size.filmsPerShard, using: &random)]
    }
    try run.run()
    run.tmdb.failing = []
    let replays = run.mend()
    let words: Comment = "seed \(seed): \(size), \(troubles), \(replays) replays"
    #expect(run.isComplete, words)
    #expect(run.wrongFiles() == [], words)
    let manifest = try run.manifest()
    #expect(manifest.isComplete && manifest.failed.isEmpty, words)
    #expect(manifest.filmsWritten + manifest.absent.count == shards * size.filmsPerShard, words)
    // What is served again was on its way, or not written yet, in a worker that died.
    let ends = run.lambda.killed + run.lambda.failed
    #expect(run.servedAgain <= ends * (size.filmsPerFile + FilmFetcher.inFlightMax), words)
  }

  /// One worker for four shards, so that three of them are found and taken up. Nobody mends anything: Lambda's two
  /// retries have to do.
  @Test(
    "what fails for a while when a shard that was found is worked on costs no shard",
    arguments: [
      // what fails, and the seconds between which it does; how long an invocation may take
      ("S3", 50..<75, 900), ("S3", 70..<95, 900), ("TMDB", 50..<130, 900), ("token", 115..<125, 900),
      ("Invoke", 130..<145, 80), ("Invoke", 200..<215, 80), ("Invoke", 270..<285, 80),
    ] as [(String, Range<Int>, Int)])
  func passingTrouble(of trouble: (String, Range<Int>, Int)) throws {
    let (kind, seconds, timeout) = trouble
    let rate = timeout == 900 ? 20.0 : 4
    let run = try SimulatedRun(
      seed: 3,
      .init(
        shards: 4, filmsPerShard: timeout == 900 ? 400 : 150, filmsPerFile: 10, workers: 1,
        requestsPerSecond: rate, timeout: .seconds(timeout)))
    let time = Duration.seconds(seconds.lowerBound)..<Duration.seconds(seconds.upperBound)
    switch kind {
    case "S3": run.lambda.outages.store = time
    case "Invoke": run.lambda.outages.invoke = time
    case "TMDB": run.tmdb.outage = time
    default:
      // It dies in a shard that it found, and what comes after it cannot read the token at first.
      run.lambda.outages.death = .seconds(60)
      run.lambda.outages.token = time
    }
    try run.run()
    #expect(run.isComplete && run.lambda.dead.isEmpty)
    #expect(run.lambda.failed > 0)
    #expect(run.wrongFiles() == [])
  }

  @Test(
    "a shard that cannot be worked on at all stops no other, and its worker's event is kept with what failed")
  func brokenPlan() throws {
    let run = try SimulatedRun(
      seed: 5,
      .init(shards: 4, filmsPerShard: 20, filmsPerFile: 10, workers: 1, requestsPerSecond: 20))
    run.replace(run.plans[1].layout.plan(shard: 1), with: "no plan")
    try run.run()
    #expect(run.lambda.dead.count == 1)
    #expect(run.wrongFiles() == [1, 2].map { "p/2026/11/24/Atores-T1-\($0).json" })
  }

  @Test("a report that is not of the files that are there is written anew, without a film being fetched")
  func staleReport() throws {
    let run = try SimulatedRun(
      seed: 6,
      .init(shards: 1, filmsPerShard: 20, filmsPerFile: 10, workers: 1, requestsPerSecond: 20))
    try run.run()
    let key = run.plans[0].layout.report(shard: 0)
    let report = String(decoding: try #require(run.store.objects[key]).bytes, as: UTF8.self)
    // As where a replay of everything has written other bytes and died before its report.
    let hash = try #require(try run.manifest().files.first).sha256
    run.replace(key, with: report.replacing(hash, with: String(repeating: "0", count: 64)))
    run.lambda.send(Array(#"{"run":"simulated","shard":0}"#.utf8))
    #expect(run.loop.run(most: .seconds(3600)))
    #expect(String(decoding: try #require(run.store.objects[key]).bytes, as: UTF8.self).contains(hash))
    #expect(try run.manifest().files.first?.sha256 == hash)
    #expect(run.isComplete && run.servedAgain == 0)
  }

  @Test(
    "_SUCCESS is of the run that began last in the folder: an earlier one neither writes it nor takes it away",
    arguments: [nil, "simulated", "later"] as [String?])
  func folderOwner(owner: String?) throws {
    let run = try SimulatedRun(
      seed: 7,
      .init(shards: 2, filmsPerShard: 20, filmsPerFile: 10, workers: 2, requestsPerSecond: 20))
    if let owner { run.replace("p/_runs/_days/2026-11-24.json", with: #"{"run":"\#(owner)"}"#) }
    try run.run()
    #expect(try run.manifest().isComplete)
    #expect(run.isComplete == (owner != "later"))
    guard owner == "later" else { return }
    // The later one's, while a replay of everything of the earlier one loses a film.
    run.replace(run.plans[0].layout.success, with: "")
    run.tmdb.failing = [3]
    run.lambda.send(Array(#"{"run":"simulated","shard":0,"replay":"all"}"#.utf8))
    #expect(run.loop.run(most: .seconds(3600)))
    #expect(try !run.manifest().isComplete)
    #expect(run.isComplete)
  }

  @Test("events that come twice bring no more workers than the rate is shared out to")
  func duplicatesOfFew() throws {
    let run = try SimulatedRun(
      seed: 4,
      .init(shards: 40, filmsPerShard: 20, filmsPerFile: 10, workers: 4, requestsPerSecond: 40),
      troubles: .init(duplicates: 1))
    try run.run()
    #expect(run.isComplete && run.servedAgain == 0)
    #expect(run.tmdb.fullestSecond <= 40 + 4 * Int(RatePacer.burst))
  }

  @Test(
    "a million films in a thousand shards, over hours, with deaths, duplicates and 429s: every film once, the ceiling kept, one manifest",
    arguments: [20_261_124])
  func million(seed: UInt64) throws {
    let size = SimulatedRun.Size(
      shards: 1000, filmsPerShard: 1000, filmsPerFile: 100, workers: 40, requestsPerSecond: 200)
    let run = try SimulatedRun(
      seed: seed, size, troubles: .init(deaths: 0.05, duplicates: 0.02, lostAnswers: 0.01))
    run.tmdb.limit = 195
    run.tmdb.troubles = 0.001
    try run.run()
    #expect(run.isComplete, "seed \(seed)")
    #expect(run.manifestWrites == 1)
    #expect(run.wrongFiles() == [])
    #expect(run.openLeases() == [])
    #expect(run.loop.elapsed > .seconds(2 * 3600))
    #expect(run.tmdb.fullestSecond <= 200 + 40 * Int(RatePacer.burst))
    #expect(run.servedAgain <= run.lambda.killed * (100 + FilmFetcher.inFlightMax))
    #expect(run.lambda.killed > 10)
  }
}
