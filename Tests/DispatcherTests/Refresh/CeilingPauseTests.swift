import Synchronization
import Testing

@testable import Dispatcher
@testable import Shared

@Suite("Pause between the dispatcher's requests and the workers") struct CeilingPauseTests {
  /// A clock that a test sets, and that notes until when it is slept on.
  private final class SetClock: SystemClock, Randomness {
    private let state: Mutex<(now: ContinuousClock.Instant, slept: [ContinuousClock.Instant])>

    init(_ now: ContinuousClock.Instant) { state = Mutex((now, [])) }

    var now: ContinuousClock.Instant { state.withLock { $0.now } }
    var date: UnixTime { UnixTime(seconds: 0) }
    var slept: [ContinuousClock.Instant] { state.withLock { $0.slept } }
    func advance(by duration: Duration) { state.withLock { $0.now += duration } }
    func random() -> Double { 0 }
    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
      state.withLock { $0.slept.append(deadline) }
    }
  }

  private static func tmdb(_ clock: SetClock) -> DispatcherTMDB {
    DispatcherTMDB(
      DispatcherDependencies(
        objects: MemoryStore(), openTMDB: { ScriptedList() }, forgetToken: {}, clock: clock, randomness: clock
      ))
  }

  private struct ScriptedList: TMDBAPI {
    let baseURL = "https://tmdb.test"
    func find(_ imdbID: String, timeout: Duration) async throws -> HTTPResponse { try await list() }
    func credits(_ film: String, timeout: Duration) async throws -> HTTPResponse { try await list() }
    func changes(_ window: ChangeWindows.Window, page: Int, timeout: Duration) async throws -> HTTPResponse {
      try await list()
    }
    private func list() async throws -> HTTPResponse {
      let body = #"{"results":[],"page":1,"total_pages":1,"total_results":0}"#
      return HTTPResponse(status: 200, headers: [], body: Array(body.utf8))
    }
  }

  @Test("a second passes after the last request, whatever happens in between") func pause() async throws {
    let start = ContinuousClock.now
    let clock = SetClock(start)
    let tmdb = Self.tmdb(clock)
    let event = try Preparing.event(#""refresh":"changed""#)
    let plan = try #require(
      RunPlan(event, run: event.run, films: ["tt0000009"], date: event.date).shards.first)
    _ = try await tmdb.use(plan) { fetcher in
      clock.advance(by: .seconds(7))
      return try await fetcher.changedFilms(
        from: UnixDay(number: 1), through: UnixDay(number: 1),
        timeBudget: TimeBudget(remaining: .seconds(60), now: clock.now))
    }
    #expect(tmdb.requests == 1)
    clock.advance(by: .milliseconds(300))
    try await tmdb.waitForCeiling()
    #expect(clock.slept == [start + .seconds(8)])
  }

  @Test("without a request, no worker waits") func none() async throws {
    let clock = SetClock(.now)
    try await Self.tmdb(clock).waitForCeiling()
    #expect(clock.slept.isEmpty)
  }
}
