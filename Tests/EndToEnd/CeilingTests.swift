import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// Runs whose speed is not their own to choose. They mostly wait, and so run side by side.
  @Suite("Under a ceiling") struct CeilingTests {
    private let stage: Stage

    init() throws { stage = try Stage() }

    /// How much of a ceiling is used depends on the machine: that is for `make soak`, and for the runs in virtual time.
    @Test("every run ends complete, keeps to what it may, and is seldom refused")
    func ceilings() throws {
      // 1,200 films selected: the whole run's ceiling, shared by sixty.
      let shared = try stage.start("shared", films: 5000, #"{"requestsPerSecond":200}"#)
      // The run believes in 200, and the server allows 50.
      let misled = try stage.start("misled", films: 5000, #"{"requestsPerSecond":200,"shards":10}"#) {
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
      #expect(shared.server.fullestSecond <= 200 + 60 * 2)
      for run in [misled, together, each] {
        #expect(run.server.refusedShare < 0.1, "\(run.name): \(run.server.refusedShare)")
      }
    }

    @Test("short of time, workers hand over: each film is asked for once, and little time is billed in vain")
    func clock() throws {
      let run = try stage.start(
        "clock", films: 400, #"{"requestsPerSecond":12}"#, ["WorkerTimeout": "6", "Shards": "1"])
      try run.finish()
      let report = try #require(try run.deployment.keys().first { $0.hasSuffix("reports/T0.json") })
      #expect(try run.deployment.json(report)["hop"] as? Int ?? 0 >= 2)
      #expect(run.server.fullestSecond <= 12 + 2)
      // One worker at a time: what is billed beyond the time in which requests were on their way is waste.
      let billed = try run.deployment.billedSeconds()
      let requests = run.server.requests().map(\.arrival).sorted()
      let useful = zip(requests, requests.dropFirst()).map { $1 - $0 }.filter { $0 < .milliseconds(500) }
        .reduce(.zero, +)
      #expect(billed * 0.85 < useful / .seconds(1), "\(billed) s billed, \(useful) useful")
    }
  }
}
