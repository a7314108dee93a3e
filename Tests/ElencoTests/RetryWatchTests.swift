import Testing

@testable import Elenco
@testable import Shared

@Suite("Waiting for Lambda's retries") struct RetryWatchTests {
  private static let start = ContinuousClock.now

  private static func report(
    _ shard: Int, _ state: ShardReport.State, attempt: Int = 1, requestID: String = "q"
  ) throws -> ShardReport {
    ShardReport(
      run: try #require(RunName("r")), shard: shard, state: state, films: 1, absent: [], failed: [],
      files: [],
      requests: ShardReport.Requests(), requestID: requestID, startedAt: "\(attempt)", seconds: 0,
      peakMemoryBytes: 0)
  }

  private static func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

  @Test(
    "a stopped shard is awaited for 1 minute and then for 2, and a minute more each time; after that no more")
  func attempts() throws {
    var watch = RetryWatch()
    #expect(watch.awaited(at: Self.start) == [])
    watch.record(try Self.report(3, .stopped), at: Self.start)
    #expect(watch.awaited(at: Self.at(120)) == [3] && watch.attempts(at: Self.at(120)) == 1)
    #expect(watch.awaited(at: Self.at(121)) == [] && watch.attempts(at: Self.at(121)) == 0)
    watch.record(try Self.report(3, .stopped, attempt: 2), at: Self.at(65))
    #expect(watch.awaited(at: Self.at(65 + 180)) == [3] && watch.attempts(at: Self.at(65 + 180)) == 2)
    #expect(watch.awaited(at: Self.at(65 + 181)) == [])
    watch.record(try Self.report(3, .stopped, attempt: 3), at: Self.at(190))
    #expect(watch.awaited(at: Self.at(190)) == [])
  }

  @Test("a retry that works on the shard is awaited for as long as it writes the lease") func working() throws
  {
    var watch = RetryWatch()
    watch.record(try Self.report(0, .stopped), at: Self.start)
    for second in stride(from: 60, through: 900, by: 20) { watch.leaseChanged(shard: 0, at: Self.at(second)) }
    #expect(watch.awaited(at: Self.at(1000)) == [0])
    watch.leaseChanged(shard: 1, at: Self.at(1000))
    #expect(watch.awaited(at: Self.at(1000)) == [0])
    watch.record(try Self.report(0, .complete), at: Self.at(1001))
    #expect(watch.awaited(at: Self.at(1001)) == [])
  }

  @Test(
    "a report that is written again in the same attempt is not another attempt; a retry with another request id is"
  )
  func sameAttempt() throws {
    var watch = RetryWatch()
    for second in 0..<5 { watch.record(try Self.report(0, .stopped), at: Self.at(second)) }
    #expect(watch.attempts(at: Self.at(5)) == 1)
    watch.record(try Self.report(0, .stopped, attempt: 2, requestID: "other"), at: Self.at(9))
    #expect(watch.attempts(at: Self.at(9)) == 2)
    watch.record(try Self.report(0, .stopped, attempt: 3, requestID: "third"), at: Self.at(9))
    #expect(watch.awaited(at: Self.at(9)) == [])
  }

  @Test("films that failed are not retried by Lambda") func incomplete() throws {
    var watch = RetryWatch()
    watch.record(try Self.report(0, .incomplete), at: Self.start)
    #expect(watch.awaited(at: Self.start) == [])
  }

  @Test("the note says which shards stopped, why, and how long it takes")
  func note() {
    #expect(
      RetryWatch.note(shards: [7], attempts: 1, reason: "No token.")
        == "shard 7 stopped: No token.\nLambda invokes the worker again after 1 minute, and after 2 more (a local cloud "
        + "sooner). Waiting for that.")
    #expect(
      RetryWatch.note(shards: [7, 9], attempts: 2, reason: "No token.")
        == "2 shards stopped; shard 7: No token.\nLambda makes the last attempt after 2 minutes (a local cloud sooner). "
        + "Waiting for that.")
  }
}
