import TestSupport
import Testing

@testable import Shared
@testable import StandIn

@Suite("Choice of the lookup") struct LookupSampleTests {
  /// A TMDB that changes what the direct route returns for some films.
  private struct ChangedDirectly: TMDBAPI {
    let tmdb: TMDBClient
    let change: @Sendable (String, HTTPResponse) -> HTTPResponse
    var baseURL: String { tmdb.baseURL }

    func find(_ imdbID: String, timeout: Duration) async throws -> HTTPResponse {
      try await tmdb.find(imdbID, timeout: timeout)
    }

    func credits(_ film: String, timeout: Duration) async throws -> HTTPResponse {
      let response = try await tmdb.credits(film, timeout: timeout)
      return film.hasPrefix("tt") ? change(film, response) : response
    }

    func changes(_ window: ChangeWindows.Window, page: Int, timeout: Duration) async throws -> HTTPResponse {
      try await tmdb.changes(window, page: page, timeout: timeout)
    }
  }

  /// Films of which the stand-in lacks some.
  private static func films(_ count: Int) -> [String] { (0..<count).map { "tt\(1_000_000 + 7 * $0)" } }

  private static func choose(
    _ films: [String], rules: [String] = [], time: Duration = .seconds(60),
    change: @escaping @Sendable (String, HTTPResponse) -> HTTPResponse = { $1 }
  ) throws -> (choice: DispatcherResponse.LookupTaken, paths: [String]) {
    var configuration = StandIn.Configuration()
    configuration.keepsRequests = true
    configuration.failRules = try rules.map { try FaultRule(parsing: $0) }
    let server = try StandInServer(configuration)
    defer { server.stop() }
    let url = server.baseURL
    let choice = try EventLoop.run { loop in
      let event = #"{"run":"r","shard":0,"films":[],"requestsPerSecond":0}"#
      let plan = try ShardPlan(
        stored: Array(event.utf8), destination: Destination(bucket: "lake", prefix: "p"))
      let client = TMDBClient(http: HTTPClient(loop: loop), baseURL: url, token: Secret("token"))
      let fetcher = FilmFetcher(
        api: ChangedDirectly(tmdb: client, change: change), lookup: .find,
        share: RateShare(plan: try #require(plan)), clock: loop, randomness: loop)
      return try await fetcher.chooseLookup(
        for: films, timeBudget: TimeBudget(remaining: time, now: .now))
    }
    return (choice, server.requests().map { $0.path })
  }

  @Test("direct is taken if 60 films spread over the selection have the same bytes both ways") func same()
    throws
  {
    let films = Self.films(6000)
    let (choice, paths) = try Self.choose(films)
    #expect(choice.taken == .direct, "\(choice.reason)")
    let compared = films.indices.filter { paths.contains("/3/movie/\(films[$0])/credits") }
    #expect(compared.count == 60)
    // Every tenth of the selection has about a tenth of the sample.
    for tenth in 0..<10 {
      #expect((3...9).contains(compared.count { $0 * 10 / films.count == tenth }), "tenth \(tenth)")
    }
    #expect(paths.count <= 60 * 3 + 60)
  }

  @Test(
    "find is taken if the direct route differs for one film in ten, wherever those are", arguments: 0..<10)
  func different(offset: Int) throws {
    let films = Self.films(6000)
    var random = SeededRandom(seed: RandomSeed.value &+ UInt64(offset))
    let changed = Set(films.shuffled(using: &random).prefix(600))
    let (choice, _) = try Self.choose(films) { id, response in
      changed.contains(id)
        ? HTTPResponse(status: 200, headers: [], body: response.body + [UInt8(ascii: "\n")]) : response
    }
    // 60 films miss all 600 with a chance of 0.2 %.
    #expect(choice.taken == .find, "seed \(RandomSeed.value)")
    #expect(choice.reason.contains("differ"), "\(choice.reason)")
  }

  @Test("find is taken if the direct route does not exist, or fails", arguments: [404, 400])
  func missing(status: Int) throws {
    let (choice, paths) = try Self.choose(Self.films(1000)) { _, _ in
      HTTPResponse(status: status, headers: [], body: [])
    }
    #expect(choice.taken == .find && choice.reason.contains("\(status)"), "\(choice.reason)")
    #expect(paths.count <= 12 * 3)
  }

  @Test(
    "find is taken without a request if the films are too few to save what a sample costs",
    arguments: [0, 1, 180])
  func few(films: Int) throws {
    let (choice, paths) = try Self.choose(Self.films(films))
    #expect(choice.taken == .find && paths.isEmpty)
    #expect(choice.reason.contains("\(films)"))
  }

  @Test("find is taken if TMDB does not have enough of the films") func absent() throws {
    let films = (0..<400).map { "tt\(9_000_000_000 + $0)" }
    let (choice, paths) = try Self.choose(films)
    #expect(choice.taken == .find && choice.reason.contains("only 0 of the films"), "\(choice.reason)")
    #expect(paths.count == 120)
  }

  @Test("find is taken if the time does not suffice") func outOfTime() throws {
    let (choice, paths) = try Self.choose(Self.films(1000), time: .zero)
    #expect(choice.taken == .find && paths.isEmpty)
  }

  @Test("candidates are distinct films of the selection", arguments: [1, 59, 60, 119, 120, 121, 200, 59_004])
  func candidates(count: Int) {
    let candidates = LookupSample.candidates(of: count)
    #expect(Set(candidates).count == candidates.count && candidates.count == min(count, 120))
    #expect(candidates.allSatisfy { (0..<count).contains($0) })
  }
}
