import Testing

@testable import Dispatcher
@testable import Shared

@Suite("Run plans") struct RunPlanTests {
  private static func plan(_ event: String, films: Int) throws -> RunPlan {
    var defaults = DispatcherEvent.Defaults()
    (defaults.bucket, defaults.sourceBucket, defaults.sourceKey) = ("lake", "lake", "movies.csv")
    let event = try DispatcherEvent(
      parsing: Array(event.utf8), defaults: defaults, now: UnixTime(seconds: 1_795_489_200),
      requestID: "53dc4d37-9c1b")
    return RunPlan(
      event, run: event.run, films: (0..<films).map { "tt\(1_000_000 + $0)" }, date: event.date)
  }

  private static func refusal(_ event: String, films: Int, timeout: Int = 900) throws -> PlanRefused? {
    let configuration = try DispatcherConfiguration(environment: [
      "ELENCO_WORKER_FUNCTION": "worker", "ELENCO_WORKER_TIMEOUT": "\(timeout)",
    ])
    let plan = try plan(event, films: films)
    do throws(PlanRefused) { try plan.check(configuration) } catch { return error }
    return nil
  }

  @Test("59,004 films in 60 shards give 24 shards of 984 films, 36 shards of 983, and 600 files")
  func reference() throws {
    let plan = try Self.plan("{}", films: 59_004)
    #expect(
      plan.shards.map(\.films.count) == Array(repeating: 984, count: 24) + Array(repeating: 983, count: 36))
    #expect(plan.files == 600 && Set(plan.keys).count == 600)
    #expect(plan.keys.first == "Raw/TMDB/JSON/Atores/2026/11/24/Atores-T0-1.json")
    #expect(plan.keys.last == "Raw/TMDB/JSON/Atores/2026/11/24/Atores-T59-10.json")
    #expect(plan.shards.flatMap(\.films) == (0..<59_004).map { "tt\(1_000_000 + $0)" })
    #expect("\(plan.run)" == "20261124T030000Z-53dc4d37")
  }

  @Test(
    "shards with too many films for one worker are refused, and the error names the number of shards needed")
  func tooLarge() throws {
    let refusal = try Self.refusal(#"{"shards":2}"#, films: 120_001)
    #expect(refusal == .shardsTooFew(films: 120_001, needed: 3))
    #expect(refusal?.description.contains("\"shards\": 3") == true)
    #expect(try Self.refusal(#"{"shards":3}"#, films: 120_001) == nil)
  }

  @Test(
    "a rate share too small for one film per invocation is refused, and the error names the maximum of workers"
  )
  func tooSlow() throws {
    // Each film takes 2 requests, and 8.5 of the 10 seconds are usable: at most 4 workers can share 1 request/s.
    let refusal = try Self.refusal(#"{"requestsPerSecond":1}"#, films: 1000, timeout: 10)
    #expect(refusal?.description.contains("\"workers\": 4") == true, "\(refusal.map { "\($0)" } ?? "")")
    #expect(try Self.refusal(#"{"requestsPerSecond":1,"workers":4}"#, films: 1000, timeout: 10) == nil)
    #expect(try Self.refusal(#"{"requestsPerSecond":1,"workers":5}"#, films: 1000, timeout: 10) != nil)
    #expect(try Self.refusal(#"{"requestsPerSecond":0}"#, films: 1000, timeout: 10) == nil)
    #expect(
      try Self.refusal(#"{"requestsPerSecond":1,"rateScope":"worker"}"#, films: 1000, timeout: 10) == nil)
  }

  @Test(
    "an event's own run name is kept; without one, the run is named after the request")
  func named() throws {
    #expect(try Self.plan(#"{"run":"mine"}"#, films: 1).event.isNamedByRequest == false)
    #expect(try Self.plan("{}", films: 1).event.isNamedByRequest)
  }
}
