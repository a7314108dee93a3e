import TestSupport
import Testing

@testable import Shared
@testable import Worker

/// A run that is cancelled at a random moment and resumed later, in virtual time.
@Suite("Cancelled runs") struct CancelSimulationTests {
  private static let owner = "p/_runs/_days/2026-11-24.json"
  private static let time = "2026-11-24T03:00:59.000Z"

  private static func size(_ random: inout SeededRandom) -> SimulatedRun.Size {
    let shards = Int.random(in: 1...8, using: &random)
    return SimulatedRun.Size(
      shards: shards, filmsPerShard: .random(in: 20...120, using: &random),
      filmsPerFile: .random(in: 3...30, using: &random), workers: .random(in: 1...shards, using: &random),
      requestsPerSecond: .random(in: 5...60, using: &random),
      timeout: .seconds(Int.random(in: 20...300, using: &random)),
      lease: .seconds(Int.random(in: 3...60, using: &random)))
  }

  @Test(
    "the workers stop within a renewal, the manifest says so, and nothing continues before the run is resumed",
    arguments: Soak.seeds(60, soak: 600))
  func stops(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var size = Self.size(&random)
    // A hop does not know the ids that the one before it found, and requests them again.
    size.timeout = .seconds(900)
    let run = try SimulatedRun(seed: seed, size)
    run.replace(Self.owner, with: #"{"run":"simulated"}"#)
    let moment = Duration.seconds(Double.random(in: 0...20, using: &random))
    run.loop.after(moment) {
      run.replace(Self.owner, with: #"{"run":"simulated","cancelledAt":"\#(Self.time)"}"#)
    }
    try run.run()
    let context: Comment = "seed \(seed): \(size), cancelled after \(moment)"
    #expect(run.openLeases() == [], context)
    // Unless the run could have asked for all films by the time when its workers have noticed.
    let noticed = moment + size.lease / 3 + .seconds(1)
    let sent = size.requestsPerSecond * noticed.inSeconds + Double(size.shards) * RatePacer.burst
    let needed = run.tmdb.served.indices.reduce(0) { $0 + (SimulatedTMDB.isAbsent($1) ? 1 : 2) }
    if Double(needed) > sent { #expect(!run.isComplete, context) }
    guard !run.isComplete else { return }
    // One second for the requests to S3 that tell the worker.
    #expect(run.tmdb.last <= noticed, context)
    let manifest = try run.manifest()
    #expect(manifest.cancelledAt == Self.time && !manifest.isComplete, context)
    #expect(run.lambda.deadLetters.isEmpty, context)

    let (files, requests) = (run.dataFiles, run.tmdb.requests)
    for plan in run.plans { run.replay(shard: plan.shard, .all) }
    #expect(run.dataFiles == files && run.tmdb.requests == requests, context)
    #expect(try run.manifest() == manifest, context)

    run.resume(cancelledAt: "2026-11-24T03:00:58.000Z")
    #expect(run.tmdb.requests == requests, "an event that resumes an earlier cancellation, \(context)")
    run.resume(cancelledAt: Self.time)
    #expect(run.isComplete && run.folderKeys == run.expectedKeys && run.wrongFiles() == [], context)
    #expect(try run.manifest().cancelledAt == nil, context)
    // What was written before is not requested again.
    let written = files.values.reduce(0) { $0 + Self.films(in: $1) }
    let requestsMax = requests + 2 * (run.tmdb.served.count - written)
    #expect(run.tmdb.requests <= requestsMax, "\(written) written, \(context)")
  }

  /// Number of films in an uncompressed data file of the default format: each has a key that starts with "tt".
  private static func films(in file: [UInt8]) -> Int {
    String(decoding: file, as: UTF8.self).split(separator: "\n")
      .count { $0.hasPrefix("{\"tt") || $0.hasPrefix("\"tt") }
  }

  @Test(
    "a run that is cancelled while workers die and are suspended can be resumed, and loses nothing",
    arguments: Soak.seeds(120, soak: 1200))
  func survives(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let size = Self.size(&random)
    let faults = SimulatedLambda.FaultRates(
      deaths: .random(in: 0...0.3, using: &random), deathWithin: .seconds(20),
      suspensions: .random(in: 0...0.4, using: &random), suspensionMax: size.lease * 3,
      latePuts: .random(in: 0...0.02, using: &random), duplicates: .random(in: 0...0.2, using: &random),
      lostResponses: .random(in: 0...0.05, using: &random))
    let run = try SimulatedRun(seed: seed, size, faults: faults)
    run.replace(Self.owner, with: #"{"run":"simulated"}"#)
    run.loop.after(.seconds(Double.random(in: 0...30, using: &random))) {
      run.replace(Self.owner, with: #"{"run":"simulated","cancelledAt":"\#(Self.time)"}"#)
    }
    // Sometimes the run is resumed before all workers have noticed.
    let isImpatient = Bool.random(using: &random)
    if isImpatient { run.loop.after(.seconds(32)) { run.sendResumptions(cancelledAt: Self.time) } }
    try run.run()
    run.resume(cancelledAt: Self.time)
    let replays = run.replayUntilComplete()
    let context: Comment = "seed \(seed): \(size), \(faults), impatient: \(isImpatient), \(replays) replays"
    #expect(run.isComplete && run.folderKeys == run.expectedKeys && run.wrongFiles() == [], context)
    #expect(try run.manifest().cancelledAt == nil, context)
  }
}
