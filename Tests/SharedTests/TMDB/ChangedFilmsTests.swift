import Synchronization
import TestSupport
import Testing

@testable import Shared
@testable import StandIn

/// The list of changes as it is read from the stand-in.
@Suite("Reading the list of changes") struct ChangedFilmsTests {
  private static let limits = FilmFetcher.RetryLimits(
    errors: RetryPolicy(attemptsMax: 3, base: .microseconds(10), ceiling: .microseconds(10)),
    blocks: RetryPolicy(attemptsMax: 2, base: .microseconds(10), ceiling: .microseconds(10)),
    blockedWait: .microseconds(10))

  private struct Outcome {
    let list: ChangedFilms
    let requests: ShardReport.Requests
    let pages: [Page]
  }

  private struct Page: Hashable {
    let first: String
    let last: String
    let number: Int
  }

  /// Notes the requested pages.
  private final class RecordedTMDB: TMDBAPI {
    private let tmdb: TMDBClient
    private let recorded = Mutex<[Page]>([])
    var pages: [Page] { recorded.withLock { $0 } }
    var baseURL: String { tmdb.baseURL }

    init(_ tmdb: TMDBClient) { self.tmdb = tmdb }

    func find(_ imdbID: String, timeout: Duration) async throws -> HTTPResponse {
      try await tmdb.find(imdbID, timeout: timeout)
    }

    func credits(_ film: String, timeout: Duration) async throws -> HTTPResponse {
      try await tmdb.credits(film, timeout: timeout)
    }

    func changes(_ window: ChangeWindows.Window, page: Int, timeout: Duration) async throws -> HTTPResponse {
      recorded.withLock {
        $0.append(Page(first: window.first.iso8601, last: window.last.iso8601, number: page))
      }
      return try await tmdb.changes(window, page: page, timeout: timeout)
    }
  }

  private static func read(
    _ edits: [String], rules: [String] = [], from first: String = "2026-11-10",
    through last: String = "2026-11-28",
    limit: Int? = nil, token: String = "token", time: Duration = .seconds(60)
  ) throws -> Outcome {
    var configuration = StandIn.Configuration()
    configuration.token = "token"
    configuration.edits = try edits.map { try Edit(parsing: $0) }
    configuration.today = CalendarDay(parsing: "2026-11-28")
    configuration.failRules = try rules.map { try FaultRule(parsing: $0) }
    if let limit { configuration.limit(to: limit, per: .milliseconds(200)) }
    let server = try StandInServer(configuration)
    defer { server.stop() }
    let (url, first, last) = (
      server.baseURL, try #require(UnixDay(iso8601: first)), try #require(UnixDay(iso8601: last))
    )
    let (list, requests, pages) = try EventLoop.run { loop in
      let tmdb = RecordedTMDB(TMDBClient(http: HTTPClient(loop: loop), baseURL: url, token: Secret(token)))
      let fetcher = FilmFetcher(
        api: tmdb, lookup: .find,
        share: RateShare(plan: try plan()), clock: loop, randomness: loop, limits: limits)
      let list = try await fetcher.changedFilms(
        from: first, through: last, timeBudget: TimeBudget(remaining: time, now: .now))
      return (list, fetcher.takeRequests(), tmdb.pages)
    }
    return Outcome(list: list, requests: requests, pages: pages)
  }

  private static func plan() throws -> ShardPlan {
    let event = #"{"run":"r","shard":0,"films":[],"requestsPerSecond":0}"#
    let plan = try ShardPlan(stored: Array(event.utf8), destination: Destination(bucket: "lake", prefix: "p"))
    return try #require(plan)
  }

  private static func film(_ id: String) -> Int { FilmNumber(imdbID: id)?.tmdbID ?? -1 }

  /// TMDB ids of the films of an `others` rule, which the stand-in numbers from 200,000,000.
  private static func others(_ count: Int) -> Set<Int> { Set(200_000_000..<200_000_000 + count) }

  @Test("all windows and pages are read, without films of other days, entries without id, and unlisted edits")
  func complete() throws {
    let outcome = try Self.read([
      "on=2026-11-09 id=tt0000101 change", "on=2026-11-10 id=tt0000102 change",
      "on=2026-11-12 others=431", "on=2026-11-13 null", "on=2026-11-13 others=20",
      "on=2026-11-23 id=tt0000103 vanish", "on=2026-11-28 id=tt0000104 merge=tt0000105",
      "on=2026-11-28 id=tt0000106 change unlisted", "on=2026-11-29 id=tt0000107 change",
    ])
    let films = ["2", "3", "4", "5"].map { Self.film("tt000010" + $0) }
    #expect(outcome.list == .films(Set(films).union(Self.others(431))))
    // 453 entries in the first window, 3 in the second one, whose first day is the last one of the first.
    #expect(outcome.requests.sent == 6 && outcome.requests.retried == 0)
    let expected =
      (1...5).map { Page(first: "2026-11-10", last: "2026-11-23", number: $0) }
      + [Page(first: "2026-11-23", last: "2026-11-28", number: 1)]
    #expect(Set(outcome.pages) == Set(expected) && outcome.pages.count == 6)
  }

  @Test("without any change, a window takes one request") func empty() throws {
    let outcome = try Self.read([], from: "2026-11-20")
    #expect(outcome.list == .films([]) && outcome.requests.sent == 1)
  }

  @Test("a window of more than 1,000 pages is read in shorter ones") func many() throws {
    let outcome = try Self.read(
      ["on=2026-11-21 others=60000", "on=2026-11-24 others=60000", "on=2026-11-24 id=tt0000102 change"],
      from: "2026-11-20")
    #expect(outcome.list == .films(Self.others(60_000).union([Self.film("tt0000102")])))
  }

  @Test("a day of more than 1,000 pages makes the list unavailable") func tooMany() throws {
    let outcome = try Self.read(
      ["on=2026-11-21 others=100000", "on=2026-11-21 id=tt0000102 change"], from: "2026-11-20")
    #expect(outcome.list == .unavailable(reason: "TMDB's list has more than 1000 pages for 2026-11-21"))
  }

  @Test(
    "temporary errors and refusals of a page are retried",
    arguments: [
      "status=503 times=2", "status=500 times=1", "cut times=2", "malformed times=2", "status=403 times=1",
    ])
  func temporary(rule: String) throws {
    let outcome = try Self.read(["on=2026-11-12 others=431"], rules: ["every=2 \(rule)"])
    #expect(outcome.list == .films(Self.others(431)))
    #expect(outcome.requests.retried >= 1 && outcome.requests.sent == 6 + outcome.requests.retried)
  }

  @Test("429s slow the reader down, and no page is lost") func throttled() throws {
    let outcome = try Self.read(["on=2026-11-12 others=3100"], limit: 8)
    #expect(outcome.list == .films(Self.others(3100)))
    #expect(outcome.requests.throttled >= 1)
  }

  @Test(
    "a page that fails for good makes the list unavailable, with the reason",
    arguments: [
      ("status=400", "400 Bad Request"), ("status=404", "404 Not Found"), ("status=422", "422"),
      ("status=500", "500 Internal"), ("status=403", "403 Forbidden"), ("html", "502"),
      ("malformed", "not well-formed JSON"),
    ])
  func unavailable(rule: String, words: String) throws {
    let outcome = try Self.read(["on=2026-11-12 others=431"], rules: ["every=1 \(rule)"])
    guard case .unavailable(let reason) = outcome.list else {
      Issue.record("the list was read")
      return
    }
    #expect(reason.contains(words), "\(reason)")
  }

  @Test("one page of many that is refused makes the list unavailable") func onePage() throws {
    let outcome = try Self.read(["on=2026-11-12 others=431"], rules: ["every=4 status=400"])
    guard case .unavailable(let reason) = outcome.list else {
      Issue.record("the list was read")
      return
    }
    #expect(reason.contains("400"))
  }

  @Test("a list that takes longer than the dispatcher's time is unavailable") func outOfTime() throws {
    let outcome = try Self.read(["on=2026-11-12 others=431"], time: .zero)
    guard case .unavailable(let reason) = outcome.list else {
      Issue.record("the list was read")
      return
    }
    #expect(reason.contains("time") && outcome.requests.sent == 0)
  }

  @Test("a refused token is an error, because no worker could fetch a film with it") func token() {
    let error = #expect(throws: TMDBFailure.self) { try Self.read([], token: "wrong") }
    #expect(error?.errorType == "TokenRefused")
  }
}
