import TestSupport
import Testing

@testable import Shared
@testable import Worker

/// A worker is suspended between its check of the folder's owner and the PUT of a file, and another run takes the folder
/// in between.
@Suite("A file that is written too late") struct ReplacedWriterTests {
  private static let file = "p/2026/11/24/Atores-T0-1.json"
  private static let owner = "p/_runs/_days/2026-11-24.json"

  @Test(
    "a new file is deleted again, and one that the other run has written meanwhile stays",
    arguments: [false, true])
  func late(isWrittenByOther: Bool) throws {
    let run = try SimulatedRun(
      seed: 1, .init(shards: 1, filmsPerShard: 20, filmsPerFile: 10, workers: 1, requestsPerSecond: 0))
    run.replace(Self.owner, with: #"{"run":"simulated"}"#)
    let process = SimulatedProcess(loop: run.loop)
    let client = SimulatedStoreClient(
      store: run.store, process: process, lostResponses: 0, failures: 0, latePuts: 0, lateBy: .zero,
      outage: nil)
    let before = Observed()
    let objects = StoreWithEvent(base: client, key: Self.file, isBeforePut: true) {
      before.files = run.dataFiles.keys.sorted()
      run.replace(Self.owner, with: #"{"run":"other"}"#)
      if isWrittenByOther { run.replace(Self.file, with: "{}") }
    }
    let dependencies = WorkerDependencies(
      objects: objects, openTMDB: { SimulatedTMDBClient(tmdb: run.tmdb, process: process) }, forgetToken: {},
      invoke: { _, _ in }, clock: process, randomness: process, lease: .standard)
    let invocation = Invocation(
      event: [], requestID: "request", deadline: run.loop.date + .seconds(900), functionARN: "worker",
      traceID: nil)
    let response = Observed()
    Task(executorPreference: run.loop) {
      let event = try WorkerEvent(
        parsing: Array(#"{"run":"simulated","shard":0}"#.utf8), defaultBucket: "lake", defaultPrefix: "p")
      response.bytes = try await WorkerInvocation(
        dependencies: dependencies, invocation: invocation, log: Log(level: .fatal)
      ).run(event, run.plans[0])
    }
    #expect(run.loop.run(limit: .seconds(900)))
    #expect(String(decoding: response.bytes, as: UTF8.self).contains(#""state":"replaced""#))
    #expect(run.store.objects[Self.file]?.bytes == (isWrittenByOther ? Array("{}".utf8) : nil))
    // No other file followed.
    #expect(run.dataFiles.keys.filter { $0 != Self.file }.sorted() == before.files)
  }

  /// Safety of `@unchecked Sendable`: used only on the loop's thread.
  private final class Observed: @unchecked Sendable {
    var bytes: [UInt8] = []
    var files: [String] = []
  }
}
