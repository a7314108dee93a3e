import Testing

@testable import Shared

/// A TMDB whose responses a test decides, in virtual time. Film `tt0000007` has the TMDB id 7.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one simulated loop.
final class ScriptedTMDB: TMDBAPI, @unchecked Sendable {
  enum Route { case find, credits }

  struct Request {
    let route: Route
    /// An IMDb id for find, and for credits with `direct`; otherwise a TMDB id.
    let id: String
    /// Since the first request.
    let time: Duration
    /// Number of requests of this route and id before this one.
    let earlier: Int
  }

  let baseURL = "https://tmdb.test"
  private static let latency: Duration = .milliseconds(20)
  private let process: SimulatedProcess
  /// Returns nil for TMDB's usual response.
  private let respond: (Request) -> HTTPResponse?
  private var start: Duration?
  fileprivate var requests: [Request] = []

  fileprivate init(process: SimulatedProcess, respond: @escaping (Request) -> HTTPResponse?) {
    self.process = process
    self.respond = respond
  }

  func find(_ imdbID: String, timeout: Duration) async throws -> HTTPResponse {
    await response(.find, imdbID) ?? .find(Int(imdbID.dropFirst(2)))
  }

  func credits(_ film: String, timeout: Duration) async throws -> HTTPResponse {
    await response(.credits, film) ?? .credits(Int(film) ?? Int(film.dropFirst(2)) ?? 0)
  }

  /// No worker asks for the list of changes.
  func changes(_ window: ChangeWindows.Window, page: Int, timeout: Duration) async throws -> HTTPResponse {
    HTTPResponse(status: 404, headers: [], body: [])
  }

  private func response(_ route: Route, _ id: String) async -> HTTPResponse? {
    await process.delay(mean: Self.latency)
    let time = process.loop.elapsed
    let first = start ?? time
    start = first
    let earlier = requests.count { $0.route == route && $0.id == id }
    let request = Request(route: route, id: id, time: time - first, earlier: earlier)
    requests.append(request)
    let response = respond(request)
    await process.delay(mean: Self.latency)
    return response
  }

  struct Result {
    /// In the order of the films.
    var outcomes: [FilmOutcome] = []
    /// The error that stopped the films.
    var error: (any Error)?
    var counts = ShardReport.Requests()
    var requests: [Request] = []
    var seconds = 0.0

    func count(_ route: Route) -> Int { requests.count { $0.route == route } }
  }

  /// Fetches films concurrently, as a worker does.
  /// - Parameter found: TMDB ids from an earlier hop.
  static func fetch(
    films: ClosedRange<Int>, lookup: Lookup = .find, requestsPerSecond: Double = 0,
    found: [String: Int] = [:],
    respond: @escaping (Request) -> HTTPResponse?
  ) -> Result {
    let loop = SimulatedLoop(seed: 1)
    let process = SimulatedProcess(loop: loop)
    let tmdb = ScriptedTMDB(process: process, respond: respond)
    let event =
      #"{"run":"r","shard":0,"shards":1,"films":[],"requestsPerSecond":\#(requestsPerSecond)}"#
    guard let event = try? WorkerEvent(parsing: Array(event.utf8), defaultBucket: "lake", defaultPrefix: "p"),
      case .plan(let plan) = event.work
    else { preconditionFailure("the plan is well-formed") }
    let fetcher = FilmFetcher(
      api: tmdb, lookup: lookup, share: RateShare(plan: plan), clock: process, randomness: process)
    fetcher.startShard(found: found)
    let timeBudget = TimeBudget(remaining: .seconds(3600), now: loop.now)
    let box = Box()
    Task(executorPreference: loop) {
      do {
        try await withThrowingTaskGroup(of: (Int, FilmOutcome).self) { group in
          for film in films {
            group.addTask { (film, try await fetcher.fetch(id(film), timeBudget: timeBudget)) }
          }
          var outcomes: [Int: FilmOutcome] = [:]
          for try await (film, outcome) in group { outcomes[film] = outcome }
          box.result.outcomes = films.compactMap { outcomes[$0] }
        }
      } catch { box.result.error = error }
      box.result.seconds = loop.elapsed.inSeconds
    }
    #expect(loop.run(limit: .seconds(86_400)), "the films did not end within a virtual day")
    box.result.counts = fetcher.takeRequests()
    box.result.requests = tmdb.requests
    return box.result
  }

  static func id(_ film: Int) -> String {
    "tt" + String(repeating: "0", count: max(0, 7 - "\(film)".count)) + "\(film)"
  }

  static func creditsBody(_ film: Int) -> [UInt8] { Array(#"{"id":\#(film),"cast":[],"crew":[]}"#.utf8) }

  /// Safety of `@unchecked Sendable`: used only on the thread that runs the simulated loop.
  private final class Box: @unchecked Sendable { var result = Result() }
}

extension HTTPResponse {
  /// TMDB's response to find; nil for a film that it does not have.
  static func find(_ film: Int?) -> HTTPResponse {
    let results = film.map { #"{"id":\#($0)}"# } ?? ""
    return HTTPResponse(status: 200, headers: [], body: Array(#"{"movie_results":[\#(results)]}"#.utf8))
  }

  static func credits(_ film: Int) -> HTTPResponse {
    HTTPResponse(status: 200, headers: [], body: ScriptedTMDB.creditsBody(film))
  }

  static func status(_ status: Int, retryAfter: String? = nil, body: String = "") -> HTTPResponse {
    HTTPResponse(
      status: status, headers: retryAfter.map { [HTTPHeader("Retry-After", $0)] } ?? [],
      body: Array(body.utf8))
  }
}
