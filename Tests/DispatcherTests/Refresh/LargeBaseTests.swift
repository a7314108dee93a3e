import Foundation
import Glibc
import Testing

@testable import Dispatcher
@testable import Shared

/// A base of a million films in 1,000 shards, made while it is read.
@Suite("A base of a million films", .serialized) struct LargeBaseTests {
  private static let shards = 1000
  private static let filmsPerShard = 1000

  private static func id(_ film: Int) -> String { "tt\(1_000_000 + film)" }

  private static func index(_ shard: Int) -> [UInt8] {
    var text = "id,tmdb_id,file,fetched\n"
    for film in shard * filmsPerShard..<(shard + 1) * filmsPerShard {
      text += "\(id(film)),\(film + 1),\(film % filmsPerShard / 100 + 1),2026-11-\(10 + film % 10)\n"
    }
    return Array(text.utf8)
  }

  private static func manifest() throws -> Manifest {
    let files = (0..<shards).flatMap { shard in
      (1...10).map { file in
        let key = "Raw/2026/11/20/Atores-T\(shard)-\(file).json"
        return
          #"{"key":"\#(key)","films":100,"bytes":1,"sha256":"\#(String(repeating: "0f", count: 32))","isComplete":true}"#
      }
    }
    let text = """
      {"run":"base","date":"2026-11-20","destination":{"bucket":"lake","prefix":"Raw"},"isComplete":true,
      "shards":\(shards),"films":\(shards * filmsPerShard),"filmsWritten":0,"bytes":0,"requests":0,"throttled":0,
      "absent":[],"failed":[],"stopped":[],"files":[\(files.joined(separator: ","))]}
      """
    return try JSONText.decode(Manifest.self, from: Array(text.utf8))
  }

  /// Makes `ProcessMemory.peakBytes` count from now on (proc(5), clear_refs).
  private static func resetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
  }

  @Test("is read and planned with less than 150 MB of memory, the films and plans included") func memory()
    throws
  {
    Self.resetPeak()
    let before = ProcessMemory.peakBytes
    let films = (0..<Self.shards * Self.filmsPerShard).map(Self.id)
    let event = try Preparing.event(#""refresh":"changed","shards":1000"#)
    let store = MemoryStore(virtual: { key in
      guard key.hasPrefix("Raw/_runs/base/index/T"), let shard = Int(key.dropFirst(22).dropLast(4)) else {
        return nil
      }
      return Self.index(shard)
    })
    let base = try #require(BaseRun(Self.manifest(), prefix: "Raw"))
    let start = ContinuousClock.now
    let plan = try EventLoop.run { _ in
      let read = try await BaseReader(objects: store, bucket: "lake", base: base).films()
      let changes = Set((1...200_000).map { $0 * 50 })
      let rule = RefreshRule(
        base: read.films, changes: .films(changes), today: UnixDay(number: 20_785), maxAgeDays: 90)
      var plan = RunPlan(event, run: event.run, films: films, date: event.date)
      for shard in plan.shards.indices {
        plan.shards[shard].base = ShardBase(of: plan.shards[shard], base, rule, copied: [])
      }
      return plan
    }
    let seconds = start.duration(to: .now).inSeconds
    let megabytes = Double(ProcessMemory.peakBytes - before) / 1e6
    print("a base of 1,000,000 films: \(megabytes.rounded()) MB, \((seconds * 10).rounded() / 10) s")
    #expect(megabytes < 150)
    let counts = plan.shards.reduce(RefreshCounts()) { $0 + ($1.base?.counts ?? RefreshCounts()) }
    #expect((counts.kept, counts.changed, counts.fetched) == (980_000, 20_000, 20_000))
    #expect(plan.shards[7].base?.tmdbIDs == Array(7001...8000))
  }
}
