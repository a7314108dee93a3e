import TestSupport
import Testing

@testable import Shared
@testable import Worker

/// A worker is suspended between its last check and the PUT of its report. Meanwhile its lease expires, another worker
/// takes the shard, and writes the report.
@Suite("A report that is written too late") struct LateReportTests {
  private static let report = "p/_runs/simulated/reports/T0.json"
  private static let lease = "p/_runs/simulated/leases/T0.json"
  private static let successor = Lease(
    state: .held, holder: "successor", until: UnixTime(seconds: 4_000_000_000), hop: 0, absent: [],
    requests: ShardReport.Requests(), rate: nil)

  @Test("the successor's report stays, whether there was one before or not", arguments: [false, true])
  func late(hasReport: Bool) throws {
    let run = try SimulatedRun(
      seed: 1, .init(shards: 1, filmsPerShard: 20, filmsPerFile: 10, workers: 1, requestsPerSecond: 0))
    if hasReport { run.replace(Self.report, with: try Self.text(try Self.reportOfSuccessor(hop: 0))) }
    let worker = SingleWorker(run)
    let written = try Self.text(try Self.reportOfSuccessor(hop: 1))
    let objects = StoreWithEvent(base: worker.store, key: Self.report, isBeforePut: true) {
      run.replace(Self.lease, with: try Self.text(Self.successor))
      run.replace(Self.report, with: written)
    }
    #expect(throws: LeaseLost.self) { try worker.work(objects).get() }
    #expect(run.store.objects[Self.report]?.bytes == Array(written.utf8))
  }

  private static func reportOfSuccessor(hop: Int) throws -> ShardReport {
    ShardReport(
      run: try #require(RunName("simulated")), shard: 0, state: .incomplete, films: 20, absent: [],
      failed: [], files: [],
      requests: ShardReport.Requests(), hop: hop, requestID: "successor",
      startedAt: "2026-11-24T03:00:00.000Z",
      seconds: 1, peakMemoryBytes: 1)
  }

  private static func text(_ value: some Encodable) throws -> String {
    String(decoding: try JSONText.encode(value), as: UTF8.self)
  }
}
