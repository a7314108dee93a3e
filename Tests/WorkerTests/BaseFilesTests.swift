import TestSupport
import Testing

@testable import Shared
@testable import Worker

@Suite("Files of a base") struct BaseFilesTests {
  /// A data file with one film and about `size` bytes.
  private static func file(_ number: Int, size: Int) -> [UInt8] {
    let name = String(repeating: "x", count: size)
    return Array(#"{"tt\#(1_000_000 + number)":{"id":\#(number + 1),"cast":["\#(name)"],"crew":[]}}"#.utf8)
  }

  @Test(
    "the files in memory are bounded in number and size, and the newest one is always among them",
    arguments: [100, BaseFiles.bytesMax / 8, BaseFiles.bytesMax])
  func bounded(size: Int) throws {
    let loop = SimulatedLoop(seed: 1)
    let store = SimulatedStore()
    let process = SimulatedProcess(loop: loop)
    let contents = (0..<10).map { Self.file($0, size: size) }
    for (index, bytes) in contents.enumerated() {
      _ = store.put("f\(index)", bytes, metadata: [], .none, at: loop.date)
    }
    let base = ShardBase(
      run: try #require(RunName("base")), encoding: DataFileEncoding(),
      files: contents.enumerated().map { .init(key: "f\($0)", sha256: SHA256.hex(of: $1)) },
      counts: RefreshCounts(), films: [])
    let client = SimulatedStoreClient(
      store: store, process: process, lostResponses: 0, failures: 0, latePuts: 0, lateBy: .zero, outage: nil)
    let files = BaseFiles(base: base, bucket: "lake", objects: client, log: Log(level: .fatal))
    let seen = Seen()
    Task(executorPreference: loop) {
      for index in [0, 1, 2, 0, 3, 4, 0, 5, 6, 7, 8, 9] {
        let file = try await files.file(index)
        let response = file?.response(of: "tt\(1_000_000 + index)")
        seen.isRight.append(
          response.map { Array("{\"tt\(1_000_000 + index)\":".utf8) + $0 + [125] == contents[index] } ?? false
        )
        seen.counts.append(files.recent.count)
        seen.bytes.append(files.recent.reduce(0) { $0 + $1.bytes })
        seen.newest.append(files.recent.last?.index)
      }
    }
    #expect(loop.run(limit: .seconds(60)))
    #expect(seen.isRight == Array(repeating: true, count: 12))
    #expect(seen.newest == [0, 1, 2, 0, 3, 4, 0, 5, 6, 7, 8, 9])
    #expect((seen.counts.max() ?? 0) <= BaseFiles.filesMax)
    for (count, bytes) in zip(seen.counts, seen.bytes) { #expect(count == 1 || bytes <= BaseFiles.bytesMax) }
  }

  /// Safety of `@unchecked Sendable`: used only on the loop's thread.
  private final class Seen: @unchecked Sendable {
    var isRight: [Bool] = []
    var counts: [Int] = []
    var bytes: [Int] = []
    var newest: [Int?] = []
  }
}
