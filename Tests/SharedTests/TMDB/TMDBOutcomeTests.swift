import Testing

@testable import Shared

@Suite("TMDB outcomes") struct TMDBOutcomeTests {
  private static let now = UnixTime(seconds: 1_795_489_200)

  private static func outcome(
    _ status: Int, retryAfter: String? = nil, location: String? = nil, body: String = ""
  ) -> TMDBOutcome {
    let headers = [("Retry-After", retryAfter), ("Location", location)].compactMap { name, value in
      value.map { HTTPHeader(name, $0) }
    }
    return TMDBOutcome(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)), now: now)
  }

  /// The outcome's case, without its reason.
  private static func kind(_ outcome: TMDBOutcome) -> String {
    switch outcome {
    case .responded: "responded"
    case .notFound: "notFound"
    case .refused(let refusal): "\(refusal.kind) \(refusal.wait.map { "\($0.inSeconds)" } ?? "nil")"
    case .unavailable: "unavailable"
    case .rejected: "rejected"
    case .tokenRefused: "tokenRefused"
    }
  }

  @Test(
    "each status has one meaning, with and without Retry-After",
    arguments: [
      ([200], "responded", "responded"), ([404], "notFound", "notFound"),
      ([401], "tokenRefused", "tokenRefused"),
      ([429], "throttled nil", "throttled 1.5"), ([403], "blocked nil", "blocked 1.5"),
      ([500, 502, 503, 504, 599, 408, 425, 201, 204, 206, 302, 303, 307], "unavailable", "deferred 1.5"),
      ([300, 301, 304, 308, 400, 405, 406, 410, 422, 451], "rejected", "rejected"),
    ] as [([Int], String, String)])
  func statuses(statuses: [Int], without: String, with: String) {
    for status in statuses {
      #expect(Self.kind(Self.outcome(status)) == without, "\(status)")
      #expect(Self.kind(Self.outcome(status, retryAfter: "1.5")) == with, "\(status)")
    }
  }

  @Test(
    "a wait of zero does not hold other requests back", arguments: ["0", "Tue, 24 Nov 2026 02:00:00 GMT"])
  func zero(retryAfter: String) {
    #expect(Self.kind(Self.outcome(503, retryAfter: retryAfter)) == "unavailable")
  }

  @Test(
    "the reason says what the status means and what to do",
    arguments: [
      (204, "", "TMDB responded 204 No Content instead of 200, so without the film's data"),
      (403, "", "TMDB refused the request (403 Forbidden). Its edge may be blocking this address"),
      (
        403, #"{"status_message":"No"}"#,
        "TMDB refused the request (403 Forbidden: \"No\"). Its edge may be blocking this address"
      ),
      (
        422, #"{"errors":["external_source is missing"]}"#,
        "TMDB responded 422 Unprocessable Content: \"external_source is missing\". It does not accept the request's "
          + "parameters, and a retry would not change that. Check the film's id, and that TMDB_BASE_URL is TMDB's address"
      ),
      (
        301, "",
        "TMDB responded 301 Moved Permanently without saying where to. Elenco follows no redirects, because the token "
          + "must not reach another server. Check TMDB_BASE_URL; if TMDB has moved, set it to the new address"
      ),
      (408, "<html>", "TMDB responded 408 Request Timeout"), (425, "", "TMDB responded 425 Too Early"),
      (599, "", "TMDB responded 599"),
    ])
  func reasons(status: Int, body: String, reason: String) {
    switch Self.outcome(status, body: body) {
    case .unavailable(let text), .rejected(let text): #expect(text == reason)
    case .refused(let refusal): #expect(refusal.reason == reason)
    default: Issue.record("\(status) has no reason")
    }
  }

  @Test(
    "a redirect says where it points, without user, password, query and control characters",
    arguments: [
      ("https://api.tmdb.test/4/find", "https://api.tmdb.test/4/find"),
      ("https://user:secret@api.tmdb.test/x?api_key=secret#secret", "https://api.tmdb.test/x"),
      ("//user:secret@api.tmdb.test", "//api.tmdb.test"), ("/login?return=secret", "/login"),
      ("https:\\\\user:secret@api.tmdb.test", "api.tmdb.test"),
      ("https://a@secret@b.test/", "https://b.test/"),
      ("http://a\u{1B}[31m\nb", "http://a?[31m?b"), ("", ""),
    ])
  func redirects(location: String, target: String) {
    for status in [301, 302, 307, 308] {
      let reason: String
      switch Self.outcome(status, location: location) {
      case .rejected(let text), .unavailable(let text): reason = text
      default: reason = ""
      }
      #expect(reason.contains(" and points to \(target). Elenco follows no redirects"), "\(reason)")
      #expect(!reason.contains("secret"))
    }
  }

  @Test("a target of any length is cut") func longTarget() {
    #expect(TMDBStatus.printableTarget("https://x/" + String(repeating: "a", count: 100_000)).count <= 81)
  }
}
