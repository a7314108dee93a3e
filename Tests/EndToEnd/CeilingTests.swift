import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// Runs whose speed is not their own to choose. They mostly wait, and so run side by side.
  @Suite("Under a ceiling") struct CeilingTests {
    private let stage: Stage

    init() throws { stage = try Stage() }

    /// How much of a ceiling is used, how full one second is and how few are refused hangs on the machine too: these are
    /// for `make soak`, and for the runs in virtual time.
    @Test("every run ends complete, keeps to what it may, and learns from being refused")
    func ceilings() throws {
      // 1,200 films selected: the whole run's ceiling, shared by sixty.
      let shared = try stage.start("shared", films: 5000, #"{"requestsPerSecond":200}"#)
      // The run believes in 200, and the server allows 50.
      let misled = try stage.start("misled", films: 3000, #"{"requestsPerSecond":200,"shards":10}"#) {
        $0.limit(to: 50, per: .seconds(1))
      }
      // What the server allows is found: one limit for all, and one for each.
      let adaptive = #"{"requestsPerSecond":200,"rateScope":"adaptive","shards":4}"#
      let together = try stage.start("together", films: 5000, adaptive) {
        $0.limit(to: 100, per: .seconds(1))
      }
      let each = try stage.start("each", films: 8000, adaptive) {
        $0.limit(to: 50, per: .seconds(1))
        $0.limitScope = .process
      }
      for run in [shared, misled, together, each] { try run.finish() }
      shared.expectCeiling(200, burst: 60 * 2)
      // A run that did not learn would have half to three quarters of its requests refused.
      for run in [misled, together, each] {
        #expect(run.server.refusedShare < 0.25, "\(run.name): \(run.server.refusedShare)")
      }
    }

    @Test("short of time, workers hand over, and each film is asked for once")
    func clock() throws {
      let run = try stage.start(
        "clock", films: 400, #"{"requestsPerSecond":12}"#, ["WorkerTimeout": "10", "Shards": "1"])
      try run.finish()
      let report = try #require(try run.deployment.keys().first { $0.hasSuffix("reports/T0.json") })
      #expect(try run.deployment.json(report)["hop"] as? Int ?? 0 >= 1)
      run.expectCeiling(12, burst: 2)
    }
  }
}
