import Shared
import Testing

@testable import Dispatcher

@Suite("Shard plan encoder")
struct ShardPlanEncoderTests {
  @Test("a plan's bytes are those that JSONText encodes", arguments: [0, 1, 2, 1000])
  func sameBytes(films: Int) throws {
    let run = try #require(RunName("bench"))
    let plan = ShardPlan(
      run: run, date: "2026-11-24", shard: 3, shards: 60,
      destination: Destination(bucket: "lake", prefix: "a/\"films\":[]/b"), filmsPerFile: 100,
      requestsPerSecond: 40, rateScope: .run, workers: 60, lookup: .find, genres: ["\"films\":[", "Drama"],
      films: (0..<films).map { "tt\(1_000_000 + $0)" })
    #expect(try ShardPlanEncoder.encode(plan) == JSONText.encode(plan))
  }

  @Test("so are a plan's with a base", arguments: [0, 1, 2, 1000])
  func withBase(films: Int) throws {
    let run = try #require(RunName("next"))
    let base = try #require(RunName("base"))
    var counts = RefreshCounts()
    (counts.kept, counts.changed) = (films / 2, films - films / 2)
    let plan = ShardPlan(
      run: run, date: "2026-11-28", shard: 0, shards: 1,
      destination: Destination(bucket: "lake", prefix: "\"keptIn\":["), filmsPerFile: 100,
      requestsPerSecond: 40,
      rateScope: .run, workers: 1, lookup: .direct, genres: ["\"tmdbIDs\":["],
      base: ShardBase(
        run: base, encoding: DataFileEncoding(.lines, .gzip),
        files: [.init(key: "a/\"fetchedOn\":[]/é", sha256: String(repeating: "0f", count: 32))],
        counts: counts,
        films: (0..<films).map { film in
          .init(
            tmdbID: film % 7 == 0 ? nil : 9_999_999_999 - film,
            kept: film % 2 == 0 ? nil : .init(file: 0, fetchedOn: UnixDay(number: 20_000 + film)))
        }),
      films: (0..<films).map { "tt\(1_000_000 + $0)" })
    let bytes = try ShardPlanEncoder.encode(plan)
    #expect(try bytes == JSONText.encode(plan))
    #expect(try ShardPlan(stored: bytes, destination: plan.destination) == plan)
  }
}
