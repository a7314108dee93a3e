import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// Full-size runs under rate ceilings and with a short timeout. They take about twelve minutes.
  @Suite(
    "At full size",
    .enabled(if: Soak.isEnabled, "\(Soak.skipped)"))
  struct SoakTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test(
      "runs of minutes respect their ceilings, use them well, and complete, with each film fetched once")
    func soak() throws {
      let files = ["FilmsPerFile": "100"]
      // 59,004 films: ten minutes at 200 requests per second, shared by sixty workers.
      let shared = try fixture.startRun("shared", films: 244_543, #"{"requestsPerSecond":200}"#, files)
      // Each of sixty shards has 225 films and 5 requests per second: 90 seconds, in hops of 20 seconds.
      let hops = try fixture.startRun(
        "hops", films: 55_950, #"{"requestsPerSecond":300}"#, ["FilmsPerFile": "100", "WorkerTimeout": "20"])
      // The run's ceiling is 200 requests per second, but the server allows only 50.
      let misled = try fixture.startRun("misled", films: 24_000, #"{"requestsPerSecond":200}"#, files) {
        $0.limit(to: 50, per: .seconds(1))
      }
      let adaptive = #"{"requestsPerSecond":200,"rateScope":"adaptive"}"#
      let together = try fixture.startRun("together", films: 60_000, adaptive, files) {
        $0.limit(to: 100, per: .seconds(1))
      }
      let each = try fixture.startRun("each", films: 50_000, adaptive.dropLast() + #","shards":4}"#, files) {
        $0.limit(to: 50, per: .seconds(1))
        $0.limitScope = .process
      }
      for run in [hops, each, misled, together, shared] {
        try run.finish()
        print(
          "\(run.name): \(run.server.servedPerSecond) requests served per second, at most "
            + "\(run.server.maxRequestsInOneSecond) received in one second, throttled share "
            + "\(run.server.throttledShare), billed \(try run.deployment.billedSeconds()) s")
      }
      #expect(shared.server.maxRequestsInOneSecond <= 200 + 60 * 2)
      #expect(shared.server.servedPerSecond >= 0.85 * 200)
      #expect(misled.server.throttledShare < 0.1)
      #expect(misled.server.servedPerSecond >= 0.75 * 50)
      #expect(together.server.throttledShare < 0.1)
      #expect(together.server.servedPerSecond >= 0.8 * 100)
      #expect(each.server.throttledShare < 0.1)
      #expect(each.server.servedPerSecond >= 0.8 * 4 * 50)
      // At least 85 percent of the billed time is what the requests take at the workers' share of the rate.
      let useful = Double(hops.server.requests().count) / 5
      #expect(try hops.deployment.billedSeconds() * 0.85 < useful)
    }

    @Test("the last of five shards gets the rate of the four workers")
    func lastShard() throws {
      let run = try fixture.startRun(
        "last-shard", films: 2072, #"{"requestsPerSecond":40,"shards":5,"workers":4}"#,
        ["FilmsPerFile": "100", "LeaseSeconds": "5"])
      try run.finish()
      let times = run.server.requests().map(\.arrival).sorted()
      let seconds = try (#require(times.last) - #require(times.first)) / .seconds(1)
      print("last-shard: \(times.count) requests in \(seconds) s")
      // 1,000 requests at 40 per second take 25 seconds, and 40 if the fifth shard has a quarter of the rate.
      #expect(times.count >= 950 && seconds < 31)
      #expect(run.server.maxRequestsInOneSecond <= 40 + 4 * 2)
    }
  }
}
