import Testing

@testable import Elenco
@testable import Shared

@Suite("Run summary") struct RunSummaryTests {
  /// A run of two shards of one film each; the worker of shard 1 could not be invoked.
  private static func summary(shard1: ShardReport.State) throws -> RunSummary {
    let response = try JSONText.decode(
      DispatcherResponse.self,
      from: Array(
        """
        {"run":"r","date":"2026-11-24","startedAt":"2026-11-24T03:00:00.000Z",
        "source":{"bucket":"lake","key":"movies.csv","rows":2,"films":2,"rowsSkipped":0,"firstSkipped":[]},
        "destination":{"bucket":"lake","prefix":"p"},"films":2,"shards":2,"files":2,"filmsPerFile":100,
        "filmsPerShard":[1,1],"workers":2,"dryRun":false,"invoked":1,
        "forecast":{"requests":4,"seconds":1,"hopsPerShard":1,"peakConcurrency":2,"dollars":0,"cheapestWorkers":1,
        "cheapestDollars":0},"notInvoked":[{"shard":1,"reason":"TooManyRequestsException"}],"seconds":1}
        """.utf8))
    var progress = RunProgress(FollowedRun(response))
    for (shard, state) in [(0, .complete), (1, shard1)] as [(Int, ShardReport.State)] {
      progress.record(
        ShardReport(
          run: response.run, shard: shard, state: state, films: 1, absent: [], failed: [], files: [],
          requests: ShardReport.Requests(), requestID: "q", startedAt: "", seconds: 0, peakMemoryBytes: 0))
    }
    return RunSummary(FollowedRun(response), progress, seconds: 1)
  }

  @Test("a failed invocation is not a problem once another worker has completed the shard")
  func notInvoked() throws {
    let completed = try Self.summary(shard1: .complete)
    #expect(completed.isComplete)
    #expect(completed.text.contains("r: complete"))
    let stopped = try Self.summary(shard1: .stopped)
    #expect(!stopped.isComplete)
    #expect(stopped.problems.first == "shard 1 was not invoked: TooManyRequestsException")
  }
}
