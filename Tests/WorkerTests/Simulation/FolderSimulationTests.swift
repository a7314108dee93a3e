import Foundation
import TestSupport
import Testing

@testable import Dispatcher
@testable import Shared
@testable import Worker

/// Two runs that use one folder, in virtual time. The dispatcher's claim of the folder and the worker are the real code.
/// Workers die, are suspended for longer than their lease, and send PUTs that arrive late.
@Suite("Two runs in one folder") struct FolderSimulationTests {
  @Test(
    "at the end, the folder contains the files of the last run and no others",
    arguments: Soak.seeds(250, soak: 10_000))
  func mixture(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let shards = Int.random(in: 1...6, using: &random)
    let lease = Int.random(in: 3...60, using: &random)
    let size = SimulatedRun.Size(
      shards: shards, filmsPerShard: .random(in: 1...40, using: &random),
      filmsPerFile: .random(in: 3...20, using: &random), workers: .random(in: 1...shards, using: &random),
      requestsPerSecond: Bool.random(using: &random) ? 0 : .random(in: 10...60, using: &random),
      timeout: .seconds(Int.random(in: 20...300, using: &random)), lease: .seconds(lease))
    let faults = SimulatedLambda.FaultRates(
      deaths: .random(in: 0...0.3, using: &random),
      deathWithin: .seconds(Int.random(in: 1...20, using: &random)),
      suspensions: .random(in: 0...0.4, using: &random), suspensionMax: .seconds(3 * lease),
      latePuts: .random(in: 0...0.02, using: &random), duplicates: .random(in: 0...0.2, using: &random),
      lostResponses: .random(in: 0...0.05, using: &random))
    let first = try SimulatedRun(seed: seed, size, faults: faults)
    // As its dispatcher leaves it.
    first.replace("p/_runs/_days/2026-11-24.json", with: #"{"run":"simulated"}"#)
    let films = shards * size.filmsPerShard
    // The same or another selection, with fewer or more shards and another file size.
    let range = Bool.random(using: &random) ? 0..<films : 0..<Int.random(in: 1...films, using: &random)
    let event = """
      {"run":"later","onExisting":"replace","shards":\(Int.random(in: 1...8, using: &random)),\
      "filmsPerFile":\(Int.random(in: 3...20, using: &random)),"requestsPerSecond":\(size.requestsPerSecond)}
      """
    let second = try SimulatedRun(event, films: range, after: first)
    // While the first run is under way, or after it has ended.
    first.loop.after(.seconds(Double.random(in: 0...60, using: &random))) { try? second.dispatch() }
    try first.run()
    let replays = second.replayUntilComplete()
    // The replaced run changes nothing, also when it is replayed.
    for plan in first.plans { first.lambda.send(Array(#"{"run":"simulated","shard":\#(plan.shard)}"#.utf8)) }
    #expect(first.loop.run(limit: .seconds(86_400)))
    let context: Comment = "seed \(seed): \(size), \(faults), \(event), \(range), \(replays) replays"
    #expect(second.isComplete, context)
    #expect(second.folderKeys == second.expectedKeys, context)
    #expect(second.wrongFiles() == [], context)
  }

  @Test("a run of another selection is refused while the folder has files, and changes nothing")
  func refused() throws {
    let first = try SimulatedRun(
      #"{"run":"first","genres":["Drama"],"shards":2,"filmsPerFile":10}"#, films: 0..<60,
      after: try SimulatedRun(
        seed: 8, .init(shards: 1, filmsPerShard: 60, filmsPerFile: 10, workers: 1, requestsPerSecond: 0)))
    try first.dispatch()
    #expect(first.loop.run(limit: .seconds(3600)) && first.isComplete)
    let before = first.store.objects.mapValues(\.etag)
    let second = try SimulatedRun(
      #"{"run":"second","genres":["Western"],"shards":3}"#, films: 20..<60, after: first)
    let refusals = Refusals()
    try second.dispatch { refusals.all.append($0) }
    #expect(first.loop.run(limit: .seconds(3600)))
    #expect(first.store.objects.mapValues(\.etag) == before)
    let sentence = try #require(refusals.all.first).description
    for part in ["run first", "Drama", "Western", "Nothing was written", "onExisting", "p/other"] {
      #expect(sentence.contains(part), "\(sentence)")
    }
  }

  @Test("a run of the same selection replaces the earlier one, whose surplus files are deleted")
  func replaced() throws {
    let first = try SimulatedRun(
      #"{"run":"first","shards":4,"filmsPerFile":5}"#, films: 0..<60,
      after: try SimulatedRun(
        seed: 9, .init(shards: 1, filmsPerShard: 60, filmsPerFile: 10, workers: 1, requestsPerSecond: 0)))
    try first.dispatch()
    #expect(first.loop.run(limit: .seconds(3600)) && first.folderKeys == first.expectedKeys)
    let second = try SimulatedRun(
      #"{"run":"second","shards":2,"filmsPerFile":30}"#, films: 0..<60, after: first)
    try second.dispatch()
    #expect(first.loop.run(limit: .seconds(3600)))
    #expect(second.isComplete && second.folderKeys == second.expectedKeys && second.wrongFiles() == [])
  }

  /// Safety of `@unchecked Sendable`: used only on the loop's thread.
  private final class Refusals: @unchecked Sendable {
    var all: [FolderTaken] = []
  }
}
