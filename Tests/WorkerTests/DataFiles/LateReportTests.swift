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
    let process = SimulatedProcess(loop: run.loop)
    let client = SimulatedStoreClient(
      store: run.store, process: process, lostResponses: 0, failures: 0, latePuts: 0, lateBy: .zero,
      outage: nil)
    let written = try Self.text(try Self.reportOfSuccessor(hop: 1))
    let objects = StoreWithEvent(base: client, key: Self.report, isBeforePut: true) {
      run.replace(Self.lease, with: try Self.text(Self.successor))
      run.replace(Self.report, with: written)
    }
    let dependencies = WorkerDependencies(
      objects: objects, openTMDB: { SimulatedTMDBClient(tmdb: run.tmdb, process: process) }, forgetToken: {},
      invoke: { _, _ in }, clock: process, randomness: process, lease: .standard)
    let invocation = Invocation(
      event: [], requestID: "request", deadline: run.loop.date + .seconds(900), functionARN: "worker",
      traceID: nil)
    let observed = Observed()
    Task(executorPreference: run.loop) {
      let event = try WorkerEvent(
        parsing: Array(#"{"run":"simulated","shard":0}"#.utf8), defaultBucket: "lake", defaultPrefix: "p")
      do {
        _ = try await WorkerInvocation(
          dependencies: dependencies, invocation: invocation, log: Log(level: .fatal)
        ).run(event, run.plans[0])
      } catch is LeaseLost { observed.losesLease = true }
    }
    #expect(run.loop.run(limit: .seconds(900)))
    #expect(observed.losesLease)
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

  /// Safety of `@unchecked Sendable`: used only on the loop's thread.
  private final class Observed: @unchecked Sendable {
    var losesLease = false
  }
}
