import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// The ceilings and the clock at full size, in about twelve minutes; `make soak` asks for them.
  @Suite(
    "At full size",
    .enabled(if: ProcessInfo.processInfo.environment["ELENCO_SOAK"] != nil, "make soak runs it"))
  struct SoakTests {
    private let stage: Stage

    init() throws { stage = try Stage() }

    @Test("runs of minutes keep to their ceilings, use them, and end complete, each film asked for once")
    func soak() throws {
      let files = ["FilmsPerFile": "100"]
      // 59,004 films: ten minutes at 200 requests a second, shared by sixty workers.
      let shared = try stage.start("shared", films: 244_543, #"{"requestsPerSecond":200}"#, files)
      // Five requests a second for 225 films in each of sixty shards: 90 seconds, in hops of twenty.
      let hops = try stage.start(
        "hops", films: 55_950, #"{"requestsPerSecond":300}"#, ["FilmsPerFile": "100", "WorkerTimeout": "20"])
      // The run believes in 200, and the server allows 50.
      let misled = try stage.start("misled", films: 24_000, #"{"requestsPerSecond":200}"#, files) {
        $0.limit(to: 50, per: .seconds(1))
      }
      let adaptive = #"{"requestsPerSecond":200,"rateScope":"adaptive"}"#
      let together = try stage.start("together", films: 60_000, adaptive, files) {
        $0.limit(to: 100, per: .seconds(1))
      }
      let each = try stage.start("each", films: 50_000, adaptive.dropLast() + #","shards":4}"#, files) {
        $0.limit(to: 50, per: .seconds(1))
        $0.limitScope = .process
      }
      for run in [hops, each, misled, together, shared] {
        try run.finish()
        print(
          "\(run.name): \(run.server.servedPerSecond) served a second, fullest second \(run.server.fullestSecond), "
            + "refused \(run.server.refusedShare), billed \(try run.deployment.billedSeconds()) s")
      }
      #expect(shared.server.fullestSecond <= 200 + 60 * 2)
      #expect(shared.server.servedPerSecond >= 0.85 * 200)
      #expect(misled.server.refusedShare < 0.1)
      #expect(misled.server.servedPerSecond >= 0.75 * 50)
      #expect(together.server.refusedShare < 0.1)
      #expect(together.server.servedPerSecond >= 0.8 * 100)
      #expect(each.server.refusedShare < 0.1)
      #expect(each.server.servedPerSecond >= 0.8 * 4 * 50)
      // Waste is what is billed beyond what the requests take at the workers' share.
      let useful = Double(hops.server.requests().count) / 5
      #expect(try hops.deployment.billedSeconds() * 0.85 < useful)
    }
  }
}
