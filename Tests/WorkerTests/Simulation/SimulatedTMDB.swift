@testable import Shared
@testable import Worker

/// Simulates TMDB, with numbered films, a rate limit and faults.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one simulated loop.
final class SimulatedTMDB: @unchecked Sendable {
  /// The most requests accepted in any one second; nil means no limit.
  var limit: Int?
  /// Whether the limit applies to each process separately.
  var limitsEachProcess = false
  /// Probability that a refusal has a Retry-After header.
  var retryAfterShare = 0.5
  /// Probability that a request fails with a 500 or a broken connection.
  var failureRate = 0.0
  /// The period during which every request gets a 503, measured from the start of the simulation.
  var outage: Range<Duration>?
  /// The Retry-After header of these responses, in seconds; nil for none.
  var outageRetryAfter: Int?
  /// Whether every request for credits gets a 401.
  var refusesCredits = false
  /// Whether this is a web server other than TMDB, which has none of its paths.
  var isOtherServer = false
  /// Films whose every request gets a 503.
  var failing: Set<Int> = []
  /// How often a film was edited. Each edit changes its credits.
  var edits: [Int: Int] = [:]
  /// Films that TMDB has removed since, and absent ones that it has added.
  var toggled: Set<Int> = []
  /// Films that have got another TMDB id.
  var renumbered: Set<Int> = []
  /// The list of changes: TMDB ids by day. Nil is an entry without an id.
  var changes: [UnixDay: [Int?]] = [:]
  /// Whether the list of changes is refused.
  var refusesChanges = false
  /// Mean latency of a request, and of a response.
  var latency: Duration = .milliseconds(40)
  /// Number of credits responses per film.
  private(set) var served: [Int]
  /// Number of find responses per film.
  private(set) var finds: [Int]
  /// Number of requests for credits that do not exist, per film.
  private(set) var notFound: [Int: Int] = [:]
  private(set) var requests = 0
  private(set) var refused = 0
  /// The most requests that arrived within one second.
  private(set) var peakPerSecond = 0
  /// The most requests that were sent within one second. Latencies differ, so more can arrive.
  private(set) var peakSentPerSecond = 0
  private var recentlySent = Recent()
  /// Arrival times of the first and the last request.
  private(set) var (first, last) = (Duration.zero, Duration.zero)
  private var recent = Recent()
  /// Arrival times of the requests that were not refused.
  private(set) var acceptedAt: [Duration] = []
  private var accepted: [ObjectIdentifier?: Recent] = [:]

  init(films: Int) {
    served = Array(repeating: 0, count: films)
    finds = served
  }

  static func id(of film: Int) -> String { "tt\(1_000_000 + film)" }

  static func isAbsent(_ film: Int) -> Bool { film % 53 == 7 }

  /// Some films have line breaks before, inside and after the object.
  static func credits(of film: Int) -> [UInt8] { credits(of: film, tmdbID: film + 1, edits: 0) }

  static func credits(of film: Int, tmdbID: Int, edits: Int) -> [UInt8] {
    let space = film % 10 == 3 ? "\r\n" : ""
    let cast = edits == 0 ? "" : "{\"order\":\(edits)}"
    return Array("\(space){\(space)\"id\":\(tmdbID),\(space)\"cast\":[\(cast)],\"crew\":[]}\(space)".utf8)
  }

  func isAbsent(_ film: Int) -> Bool { Self.isAbsent(film) != toggled.contains(film) }

  func tmdbID(of film: Int) -> Int { film + 1 + (renumbered.contains(film) ? Self.renumbering : 0) }

  private static let renumbering = 10_000_000

  /// The credits as they are now.
  func credits(of film: Int) -> [UInt8] {
    Self.credits(of: film, tmdbID: tmdbID(of: film), edits: edits[film] ?? 0)
  }

  func find(_ imdbID: String, by process: SimulatedProcess) throws -> HTTPResponse {
    if isOtherServer { return HTTPResponse(status: 404, headers: [], body: Array("<html>404</html>".utf8)) }
    let film = (Int(imdbID.dropFirst(2)) ?? 0) - 1_000_000
    if let response = try refusal(film, by: process) { return response }
    finds[film] += 1
    let results = isAbsent(film) ? "" : #"{"id":\#(tmdbID(of: film))}"#
    return HTTPResponse(status: 200, headers: [], body: Array("{\"movie_results\":[\(results)]}".utf8))
  }

  func credits(_ id: String, by process: SimulatedProcess) throws -> HTTPResponse {
    let film = ((Int(id) ?? 0) - 1) % Self.renumbering
    if let response = try refusal(film, by: process) { return response }
    if refusesCredits { return HTTPResponse(status: 401, headers: [], body: []) }
    if isAbsent(film) || Int(id) != tmdbID(of: film) {
      notFound[film, default: 0] += 1
      return HTTPResponse(status: 404, headers: [], body: [])
    }
    served[film] += 1
    return HTTPResponse(status: 200, headers: [], body: credits(of: film))
  }

  /// A page of the list of changes, 100 entries of one or more days.
  func changes(
    _ window: ChangeWindows.Window, page: Int, by process: SimulatedProcess
  ) throws -> HTTPResponse {
    // No film has this number.
    if let response = try refusal(-1, by: process) { return response }
    if refusesChanges {
      return HTTPResponse(status: 422, headers: [], body: Array(#"{"errors":["no"]}"#.utf8))
    }
    let entries = (window.first.number...window.last.number).flatMap { changes[UnixDay(number: $0)] ?? [] }
    let results = entries.dropFirst(100 * (page - 1)).prefix(100).map { id in
      "{\"id\":\(id.map(String.init) ?? "null"),\"adult\":false}"
    }
    let body = """
      {"results":[\(results.joined(separator: ","))],"page":\(page),\
      "total_pages":\(max(1, (entries.count + 99) / 100)),"total_results":\(entries.count)}
      """
    return HTTPResponse(status: 200, headers: [], body: Array(body.utf8))
  }

  /// To be called when a worker sends a request.
  fileprivate func noteSent(at time: Duration) {
    recentlySent.note(time)
    peakSentPerSecond = max(peakSentPerSecond, recentlySent.count)
  }

  /// The fraction of the requests that was refused.
  var refusedShare: Double { Double(refused) / Double(max(1, requests)) }

  /// Requests per second that were not refused, between the first and the last request.
  var servedPerSecond: Double { Double(acceptedAt.count) / max(1, (last - first).inSeconds) }

  /// The same without the beginning and without the end, when some workers have finished already.
  var servedPerSecondMidway: Double {
    let middle = acceptedAt[acceptedAt.count / 10...acceptedAt.count * 7 / 10]
    return Double(middle.count) / (middle[middle.endIndex - 1] - middle[middle.startIndex]).inSeconds
  }

  private func refusal(_ film: Int, by process: SimulatedProcess) throws -> HTTPResponse? {
    let (loop, time) = (process.loop, process.loop.elapsed)
    let caller = limitsEachProcess ? ObjectIdentifier(process) : nil
    if requests == 0 { first = time }
    (requests, last) = (requests + 1, time)
    recent.note(time)
    peakPerSecond = max(peakPerSecond, recent.count)
    accepted[caller, default: Recent()].forget(before: time)
    if let limit, accepted[caller, default: Recent()].count >= limit {
      refused += 1
      let wait = loop.happens(retryAfterShare) ? [HTTPHeader("Retry-After", "1")] : []
      return HTTPResponse(status: 429, headers: wait, body: [])
    }
    accepted[caller, default: Recent()].note(time)
    acceptedAt.append(time)
    if failing.contains(film) { return HTTPResponse(status: 503, headers: [], body: []) }
    if outage?.contains(time) == true {
      let wait = outageRetryAfter.map { [HTTPHeader("Retry-After", "\($0)")] } ?? []
      return HTTPResponse(status: 503, headers: wait, body: [])
    }
    guard loop.happens(failureRate) else { return nil }
    guard loop.happens(0.5) else { throw HTTPError(.cutShort, target: "GET film", detail: "simulated") }
    return HTTPResponse(status: 500, headers: [], body: [])
  }

  /// The requests of the last second.
  private struct Recent {
    private var times: [Duration] = []
    private var first = 0

    var count: Int { times.count - first }

    mutating func note(_ time: Duration) {
      forget(before: time)
      times.append(time)
    }

    mutating func forget(before time: Duration) {
      while first < times.count, times[first] <= time - .seconds(1) { first += 1 }
      if first > 4096 {
        times.removeFirst(first)
        first = 0
      }
    }
  }
}

/// A process's access to TMDB.
struct SimulatedTMDBClient: TMDBAPI {
  let tmdb: SimulatedTMDB
  let process: SimulatedProcess

  var baseURL: String { "https://tmdb.test" }

  func find(_ imdbID: String, timeout: Duration) async throws -> HTTPResponse {
    tmdb.noteSent(at: process.loop.elapsed)
    await process.delay(mean: tmdb.latency)
    let response = try tmdb.find(imdbID, by: process)
    await process.delay(mean: tmdb.latency)
    return response
  }

  func credits(_ film: String, timeout: Duration) async throws -> HTTPResponse {
    tmdb.noteSent(at: process.loop.elapsed)
    await process.delay(mean: tmdb.latency)
    let response = try tmdb.credits(film, by: process)
    await process.delay(mean: tmdb.latency)
    return response
  }

  func changes(_ window: ChangeWindows.Window, page: Int, timeout: Duration) async throws -> HTTPResponse {
    await process.delay(mean: tmdb.latency)
    let response = try tmdb.changes(window, page: page, by: process)
    await process.delay(mean: tmdb.latency)
    return response
  }
}
