import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// Runs that are limited by a rate ceiling or by a short timeout. They mostly wait, so they run concurrently.
  @Suite("Under a rate ceiling") struct CeilingTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    /// Has generous limits. How much of a ceiling is used, the busiest second and the throttled share depend on the
    /// machine too, so `make soak` and the simulated runs in virtual time check them.
    @Test("every run completes, respects its ceiling, and slows down when it is throttled")
    func ceilings() throws {
      // 1,200 selected films: sixty workers share the run's ceiling.
      let shared = try fixture.startRun("shared", films: 5000, #"{"requestsPerSecond":200}"#)
      // The run's ceiling is 200 requests per second, but the server allows only 50.
      let misled = try fixture.startRun("misled", films: 3000, #"{"requestsPerSecond":200,"shards":10}"#) {
        $0.limit(to: 50, per: .seconds(1))
      }
      // The workers find the server's limit by themselves: one limit for all of them, or one for each.
      let adaptive = #"{"requestsPerSecond":200,"rateScope":"adaptive","shards":4}"#
      let together = try fixture.startRun("together", films: 5000, adaptive) {
        $0.limit(to: 100, per: .seconds(1))
      }
      let each = try fixture.startRun("each", films: 8000, adaptive) {
        $0.limit(to: 50, per: .seconds(1))
        $0.limitScope = .process
      }
      for run in [shared, misled, together, each] { try run.finish() }
      shared.expectCeiling(200, burst: 60 * 2)
      // If a run did not slow down, half to three quarters of its requests would be throttled.
      for run in [misled, together, each] {
        #expect(run.server.throttledShare < 0.4, "\(run.name): \(run.server.throttledShare)")
      }
    }

    @Test("a worker that runs out of time invokes the next hop, and each film is fetched once")
    func clock() throws {
      let run = try fixture.startRun(
        "clock", films: 400, #"{"requestsPerSecond":12}"#, ["WorkerTimeout": "10", "Shards": "1"])
      try run.finish()
      let report = try #require(try run.deployment.keys().first { $0.hasSuffix("reports/T0.json") })
      #expect(try run.deployment.json(report)["hop"] as? Int ?? 0 >= 1)
      run.expectCeiling(12, burst: 2)
    }
  }
}
