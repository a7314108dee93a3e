import TestSupport
import Testing

@testable import Shared
@testable import StandIn

@Suite("Film fetcher") struct FilmFetcherTests {
  /// Films that the stand-in's catalogue has, and films that it does not have.
  private static let present = ids { Catalogue.credits(imdbID: $0) != nil }
  private static let absent = ids { Catalogue.tmdbID(imdbID: $0) == nil }

  private static func ids(_ isWanted: (String) -> Bool) -> [String] {
    Array((1...20_000).lazy.map { "tt\(1_000_000 + $0)" }.filter(isWanted).prefix(80))
  }

  private static let fastRetries = FilmFetcher.RetryLimits(
    errors: RetryPolicy(attemptsMax: 5, base: .microseconds(10), ceiling: .microseconds(10)))

  /// Fetches films one after another from a stand-in with the given fault rules.
  private static func fetch(
    _ ids: [String], rules: [String] = [], lookup: Lookup = .find, token: String = "token",
    time: Duration = .seconds(60)
  ) throws -> (outcomes: [FilmOutcome], requests: ShardReport.Requests, server: [String]) {
    var configuration = StandIn.Configuration()
    configuration.token = "token"
    configuration.keepsRequests = true
    configuration.failRules = try rules.map { try FaultRule(parsing: $0) }
    let server = try StandInServer(configuration)
    defer { server.stop() }
    let url = server.baseURL
    let (outcomes, requests) = try EventLoop.run { loop in
      let client = TMDBClient(http: HTTPClient(loop: loop), baseURL: url, token: Secret(token))
      let fetcher = FilmFetcher(
        api: client, lookup: lookup, share: RateShare(plan: plan), clock: loop, randomness: loop,
        limits: fastRetries)
      let timeBudget = TimeBudget(remaining: time, now: .now)
      var outcomes: [FilmOutcome] = []
      for id in ids { outcomes.append(try await fetcher.fetch(id, timeBudget: timeBudget)) }
      return (outcomes, fetcher.takeRequests())
    }
    return (outcomes, requests, server.requests().map { $0.path })
  }

  private static var plan: ShardPlan {
    let event = #"{"run":"r","shard":0,"films":[],"requestsPerSecond":0}"#
    guard let event = try? WorkerEvent(parsing: Array(event.utf8), defaultBucket: "lake", defaultPrefix: "p"),
      case .plan(let plan) = event.work
    else { preconditionFailure("the plan is well-formed") }
    return plan
  }

  @Test(
    "a film's credits are the server's bytes, with two requests per film or with one",
    arguments: Lookup.allCases)
  func credits(lookup: Lookup) throws {
    let ids = Array(Self.present.prefix(20))
    let (outcomes, requests, _) = try Self.fetch(ids, lookup: lookup)
    #expect(outcomes == ids.map { Catalogue.credits(imdbID: $0).map { .credits($0) } ?? .absent })
    #expect(requests.sent == 20 * lookup.requestsPerFilm)
    #expect(requests.retried == 0)
  }

  @Test("a film that TMDB does not have is absent, for every kind of lookup", arguments: Lookup.allCases)
  func absentFilms(lookup: Lookup) throws {
    let ids = Array(Self.absent.prefix(10))
    #expect(try Self.fetch(ids, lookup: lookup).outcomes == Array(repeating: .absent, count: 10))
  }

  @Test(
    "after transient errors, a retry returns the same bytes",
    arguments: [
      "status=503 times=2", "status=500 times=4", "status=429 times=6", "cut times=2", "malformed times=1",

    ])
  func transient(rule: String) throws {
    let id = Self.present[0]
    let (outcomes, requests, _) = try Self.fetch([id], rules: ["id=\(id) \(rule)"])
    let isSame = outcomes == [Catalogue.credits(imdbID: id).map { .credits($0) }].compactMap { $0 }
    #expect(isSame)
    #expect(requests.retried >= 1)
    #expect(requests.sent == 2 + requests.retried)
  }

  @Test(
    "a film that fails at every attempt is reported with its reason, and the next film is fetched",
    arguments: [
      ("status=500", "responded 500"), ("cut", "cut short"), ("malformed", "not well-formed JSON"),
      ("huge", "larger than the limit"),
      ("status=400", "responded 400"), ("html", "responded 502"),
    ])
  func failing(rule: String, words: String) throws {
    let (bad, good) = (Self.present[0], Self.present[1])
    let (outcomes, requests, _) = try Self.fetch([bad, good], rules: ["id=\(bad) \(rule)"])
    guard case .failed(let reason) = outcomes[0] else {
      Issue.record("\(outcomes[0]) is not a failure")
      return
    }
    #expect(reason.contains(words), "\(reason)")
    #expect(outcomes[1] == Catalogue.credits(imdbID: good).map { .credits($0) })
    #expect(requests.sent <= 2 + 2 + 5)
  }

  @Test("a refused token stops everything immediately, and the error does not contain it")
  func token() throws {
    let error = #expect(throws: TMDBFailure.self) { try Self.fetch(Self.present, token: "wrong-token") }
    #expect(error?.errorType == "TokenRefused")
    #expect(error?.description.contains("wrong-token") == false)
    #expect(error?.description.contains("Invalid API key") == true)
  }

  @Test("after too many consecutive failed films, TMDB counts as unavailable")
  func outage() throws {
    let error = #expect(throws: TMDBFailure.self) {
      try Self.fetch(Self.present, rules: ["every=1 status=502"])
    }
    #expect(error?.errorType == "TMDBUnavailable")
  }

  @Test("when time runs out, films are postponed and nothing is sent for them")
  func outOfTime() throws {
    let (outcomes, requests, server) = try Self.fetch(Array(Self.present.prefix(3)), time: .zero)
    #expect(outcomes == Array(repeating: .postponed, count: 3))
    #expect(requests.sent == 0)
    #expect(server.isEmpty)
  }
}
