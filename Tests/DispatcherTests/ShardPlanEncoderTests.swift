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
}
