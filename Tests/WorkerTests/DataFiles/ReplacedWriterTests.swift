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
    let worker = SingleWorker(run)
    let before = Files()
    let objects = StoreWithEvent(base: worker.store, key: Self.file, isBeforePut: true) {
      before.keys = run.dataFiles.keys.sorted()
      run.replace(Self.owner, with: #"{"run":"other"}"#)
      if isWrittenByOther { run.replace(Self.file, with: "{}") }
    }
    #expect(try worker.work(objects).get().contains(#""state":"replaced""#))
    #expect(run.store.objects[Self.file]?.bytes == (isWrittenByOther ? Array("{}".utf8) : nil))
    // No other file followed.
    #expect(run.dataFiles.keys.filter { $0 != Self.file }.sorted() == before.keys)
  }

  /// Safety of `@unchecked Sendable`: used only on the loop's thread.
  private final class Files: @unchecked Sendable {
    var keys: [String] = []
  }
}
