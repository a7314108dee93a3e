import Testing

@testable import Shared

/// What a server may respond to a worker, and what the worker makes of it.
@Suite("Server responses") struct ServerResponseTests {
  private static let page = "<html><head><title>404 Not Found</title></head></html>"

  private static func bodies(_ films: ClosedRange<Int>) -> [FilmOutcome] {
    films.map { .credits(ScriptedTMDB.creditsBody($0)) }
  }

  /// The reason of a failed film, and "" for any other outcome.
  private static func reason(_ outcome: FilmOutcome?) -> String {
    if case .failed(let reason) = outcome { reason } else { "" }
  }

  @Test(
    "a 404 of find is a wrong server and stops the shard at its first film",
    arguments: Lookup.allCases, [1, 12, 984])
  func findNotFound(lookup: Lookup, films: Int) {
    let result = ScriptedTMDB.fetch(films: 1...films, lookup: lookup, requestsPerSecond: 40) { _ in
      .status(404, body: Self.page)
    }
    let error = result.error as? TMDBFailure
    #expect(error?.errorType == "NotTMDB")
    #expect(
      error?.description.contains("https://tmdb.test responded 404 Not Found to find for film tt") == true)
    #expect(result.outcomes.isEmpty)
    #expect(result.count(.find) <= 4)
  }

  @Test("a 404 of credits is an absent film, and the next films are fetched") func creditsNotFound() {
    let result = ScriptedTMDB.fetch(films: 1...3) {
      $0.route == .credits && $0.id == "2" ? .status(404, body: Self.page) : nil
    }
    #expect(result.outcomes == [Self.bodies(1...1)[0], .absent, Self.bodies(3...3)[0]])
  }

  @Test("with direct, a 404 leads to find, which names the film or knows none") func directNotFound() {
    let result = ScriptedTMDB.fetch(films: 1...2, lookup: .direct) {
      if $0.route == .credits, $0.id.hasPrefix("tt") { return .status(404) }
      return $0.route == .find && $0.id == "tt0000002" ? .find(nil) : nil
    }
    #expect(result.outcomes == Self.bodies(1...1) + [.absent])
    #expect(result.count(.find) == 2)
  }

  @Test(
    "a 503 with Retry-After holds back every request: 25 seconds of it cost few requests and no film",
    arguments: [(503, "5"), (503, "1.5"), (500, "30"), (408, "3"), (425, "3"), (302, "5")])
  func retryAfter(status: Int, wait: String) {
    let result = ScriptedTMDB.fetch(films: 1...20) {
      $0.time < .seconds(25) ? .status(status, retryAfter: wait) : nil
    }
    #expect(result.error == nil && result.outcomes == Self.bodies(1...20))
    // All twenty are in flight when the first response arrives. After that, a few at a time try again.
    let during = result.requests.filter { $0.time < .seconds(25) }
    #expect(during.count < 20 + 3 * 17, "\(during.count)")
    let (first, second) = (during[19].time, result.requests[20].time)
    #expect(second - first > .seconds(Double(wait) ?? 0) - .milliseconds(500), "\(first), \(second)")
    #expect(result.counts.throttled == 0 && result.counts.retried == result.counts.sent - 40)
  }

  @Test("a 429 is counted as throttled, and a server that always sends it fails the film")
  func throttled() {
    let result = ScriptedTMDB.fetch(films: 1...1) { _ in .status(429, retryAfter: "1") }
    #expect(
      Self.reason(result.outcomes.first)
        == "TMDB accepted the request at none of 30 attempts; the last response: TMDB responded 429 Too Many Requests"
    )
    #expect(result.counts.throttled == 30 && result.counts.sent == 30)
  }

  @Test(
    "an error that may pass is retried, on find and on credits",
    arguments: [408, 425, 204, 202, 302, 303, 307, 500, 503], [ScriptedTMDB.Route.find, .credits])
  func passing(status: Int, route: ScriptedTMDB.Route) {
    let result = ScriptedTMDB.fetch(films: 1...1) {
      $0.route == route && $0.earlier < 4 ? .status(status) : nil
    }
    #expect(result.outcomes == Self.bodies(1...1))
    #expect(result.counts.sent == 6 && result.counts.retried == 4)
  }

  @Test("an error that lasts fails the film after five attempts", arguments: [408, 425, 204, 302, 500])
  func lasting(status: Int) {
    let result = ScriptedTMDB.fetch(films: 1...1) { _ in .status(status) }
    #expect(Self.reason(result.outcomes.first).contains("TMDB responded \(status)"))
    #expect(result.counts.sent == 5)
  }

  @Test("a response that a retry would not change fails the film at once", arguments: [301, 308, 400, 422])
  func final(status: Int) {
    let result = ScriptedTMDB.fetch(films: 1...2) { $0.id == "tt0000001" ? .status(status) : nil }
    #expect(Self.reason(result.outcomes.first).contains("TMDB responded \(status)"))
    #expect(result.outcomes.last == Self.bodies(2...2)[0])
    #expect(result.counts.sent == 3 && result.counts.retried == 0)
  }

  @Test(
    "an HTML page with status 200 has its own sentence",
    arguments: ["<html>", " \r\n<!DOCTYPE html>", "\u{FEFF}<a/>"],
    [ScriptedTMDB.Route.find, .credits])
  func page(body: String, route: ScriptedTMDB.Route) {
    let result = ScriptedTMDB.fetch(films: 1...1) { $0.route == route ? .status(200, body: body) : nil }
    #expect(
      Self.reason(result.outcomes.first).hasPrefix(
        "TMDB's response is an HTML page instead of JSON. It may come from a proxy"))
  }

  @Test("a 403 slows down and holds back every request; a film that is let in afterwards is fetched")
  func blockedForAWhile() {
    let result = ScriptedTMDB.fetch(films: 1...20) { $0.time < .seconds(15) ? .status(403) : nil }
    #expect(result.error == nil && result.outcomes == Self.bodies(1...20))
    #expect(result.requests.count { $0.time < .seconds(15) } < 30)
    #expect(result.counts.throttled == 0)
  }

  @Test("an address that stays blocked stops the shard after a few slow attempts", arguments: [nil, "60"])
  func blocked(retryAfter: String?) {
    let result = ScriptedTMDB.fetch(films: 1...984, requestsPerSecond: 40) { _ in
      .status(403, retryAfter: retryAfter)
    }
    let error = result.error as? TMDBFailure
    #expect(error?.errorType == "TMDBBlocked")
    #expect(
      error?.description.contains("blocks all requests; 4 attempts with waits in between were refused")
        == true)
    #expect(error?.description.contains("(403 Forbidden). Its edge may be blocking this address") == true)
    #expect(result.requests.count < 40, "\(result.requests.count)")
    #expect(result.seconds >= (retryAfter == nil ? 30 : 180))
  }

  @Test("a film that alone is blocked fails, and the others are fetched") func blockedFilm() {
    let result = ScriptedTMDB.fetch(films: 1...20, requestsPerSecond: 4) {
      $0.id == "tt0000001" ? .status(403) : nil
    }
    #expect(result.error == nil)
    #expect(Self.reason(result.outcomes.first).contains("403 Forbidden"))
    #expect(Array(result.outcomes.dropFirst()) == Self.bodies(2...20))
  }

  @Test("when credits are another film's, find is asked once more, and the film that it names now is taken")
  func merged() {
    // Film 1 was merged into film 500 between the two calls of find.
    let result = ScriptedTMDB.fetch(films: 1...2) {
      switch ($0.route, $0.id) {
      case (.find, "tt0000001") where $0.earlier > 0: .find(500)
      case (.credits, "1"): .credits(500)
      default: nil
      }
    }
    #expect(result.outcomes == [.credits(ScriptedTMDB.creditsBody(500))] + Self.bodies(2...2))
    #expect(result.counts.sent == 2 + 4)
  }

  @Test("when find names no film any more, the film is absent") func mergedAway() {
    let result = ScriptedTMDB.fetch(films: 1...1) {
      $0.route == .credits ? .credits(500) : $0.earlier > 0 ? .find(nil) : nil
    }
    #expect(result.outcomes == [.absent])
  }

  @Test("when credits remain another film's, the film fails with a sentence") func otherFilm() {
    let result = ScriptedTMDB.fetch(films: 1...1) { $0.route == .credits ? .credits(500) : nil }
    #expect(
      Self.reason(result.outcomes.first)
        == "TMDB's response is for film 500 instead of 1, also after find was asked "
        + "again. TMDB may have merged the two films")
    #expect(result.counts.sent == 4)
  }
}
