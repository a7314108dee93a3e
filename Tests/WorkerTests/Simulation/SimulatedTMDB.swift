@testable import Shared
@testable import Worker

/// TMDB with films by number, a limit over all its callers, and troubles.
///
/// Safety of `@unchecked Sendable`: touched by tasks of one simulated loop alone.
final class SimulatedTMDB: @unchecked Sendable {
  /// Requests that are answered in any one second; nil is no limit.
  var limit: Int?
  /// Whether the limit is for each process by itself.
  var limitsEach = false
  /// Whether a refusal says how long to wait.
  var asksToWait = 0.5
  /// How often a request fails with a 500, or its connection breaks.
  var troubles = 0.0
  /// When everything is answered with 503, from the start on.
  var outage: Range<Duration>?
  /// Films that fail every time.
  var failing: Set<Int> = []
  /// What a request takes on its way, and its answer.
  var travel: Duration = .milliseconds(40)
  /// How often each film's credits were served.
  private(set) var served: [Int]
  private(set) var requests = 0
  private(set) var refused = 0
  /// The most requests that came within one second.
  private(set) var fullestSecond = 0
  private(set) var (first, last) = (Duration.zero, Duration.zero)
  private var recent = Recent()
  /// When each request came that was not refused.
  private(set) var acceptedAt: [Duration] = []
  private var accepted: [ObjectIdentifier?: Recent] = [:]

  init(films: Int) { served = Array(repeating: 0, count: films) }

  static func id(of film: Int) -> String { "tt\(1_000_000 + film)" }

  static func isAbsent(_ film: Int) -> Bool { film % 53 == 7 }

  static func credits(of film: Int) -> [UInt8] {
    Array(#"{"id":\#(film + 1),"cast":[],"crew":[]}"#.utf8)
  }

  func find(_ imdbID: String, by process: SimulatedProcess) throws -> HTTPResponse {
    let film = (Int(imdbID.dropFirst(2)) ?? 0) - 1_000_000
    if let response = try refusal(film, by: process) { return response }
    let results = Self.isAbsent(film) ? "" : #"{"id":\#(film + 1)}"#
    return HTTPResponse(status: 200, headers: [], body: Array("{\"movie_results\":[\(results)]}".utf8))
  }

  func credits(_ id: String, by process: SimulatedProcess) throws -> HTTPResponse {
    let film = (Int(id) ?? 0) - 1
    if let response = try refusal(film, by: process) { return response }
    served[film] += 1
    return HTTPResponse(status: 200, headers: [], body: Self.credits(of: film))
  }

  /// The part of the requests that was refused.
  var refusedShare: Double { Double(refused) / Double(max(1, requests)) }

  /// Requests that were not refused, for each second between the first and the last.
  var servedPerSecond: Double { Double(acceptedAt.count) / max(1, (last - first).inSeconds) }

  /// The same without the beginning, and without the end, when some workers have finished.
  var servedPerSecondMidway: Double {
    let middle = acceptedAt[acceptedAt.count / 10...acceptedAt.count * 7 / 10]
    return Double(middle.count) / (middle[middle.endIndex - 1] - middle[middle.startIndex]).inSeconds
  }

  private func refusal(_ film: Int, by process: SimulatedProcess) throws -> HTTPResponse? {
    let (loop, time) = (process.loop, process.loop.elapsed)
    let caller = limitsEach ? ObjectIdentifier(process) : nil
    if requests == 0 { first = time }
    (requests, last) = (requests + 1, time)
    recent.note(time)
    fullestSecond = max(fullestSecond, recent.count)
    accepted[caller, default: Recent()].forget(before: time)
    if let limit, accepted[caller, default: Recent()].count >= limit {
      refused += 1
      let wait = loop.happens(asksToWait) ? [HTTPHeader("Retry-After", "1")] : []
      return HTTPResponse(status: 429, headers: wait, body: [])
    }
    accepted[caller, default: Recent()].note(time)
    acceptedAt.append(time)
    if failing.contains(film) || outage?.contains(time) == true {
      return HTTPResponse(status: 503, headers: [], body: [])
    }
    guard loop.happens(troubles) else { return nil }
    guard loop.happens(0.5) else { throw HTTPError(.cutShort, target: "GET film", detail: "simulated") }
    return HTTPResponse(status: 500, headers: [], body: [])
  }

  /// What came within the last second.
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

/// TMDB as a process reaches it.
struct ReachedTMDB: TMDBAPI {
  let tmdb: SimulatedTMDB
  let process: SimulatedProcess

  var baseURL: String { "https://tmdb.test" }

  func find(_ imdbID: String, timeout: Duration) async throws -> HTTPResponse {
    await process.travel(tmdb.travel)
    let response = try tmdb.find(imdbID, by: process)
    await process.travel(tmdb.travel)
    return response
  }

  func credits(_ film: String, timeout: Duration) async throws -> HTTPResponse {
    await process.travel(tmdb.travel)
    let response = try tmdb.credits(film, by: process)
    await process.travel(tmdb.travel)
    return response
  }
}
