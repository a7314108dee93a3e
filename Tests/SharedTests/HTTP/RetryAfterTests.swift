import Testing

@testable import Shared

@Suite("Retry-After") struct RetryAfterTests {
  /// 2026-11-24T03:00:00Z, a Tuesday.
  private static let now = UnixTime(seconds: 1_795_489_200)

  @Test(
    "seconds, fractions of them and the three forms of an HTTP date are read, and none exceeds a day",
    arguments: [
      ("0", .zero), ("7", .seconds(7)), ("007", .seconds(7)), ("86400", .seconds(86_400)),
      ("86401", .seconds(86_400)), ("1.5", .milliseconds(1500)), ("0.25", .milliseconds(250)),
      ("99999999999999999999", .seconds(86_400)), ("99999999999999999999.5", .seconds(86_400)),
      ("Tue, 24 Nov 2026 03:00:10 GMT", .seconds(10)), ("Tuesday, 24-Nov-26 03:00:10 GMT", .seconds(10)),
      ("Tue Nov 24 03:00:10 2026", .seconds(10)), ("Tue, 24 Nov 2026 02:59:59 GMT", .zero),
      ("Thu, 01 Jan 1970 00:00:00 GMT", .zero), ("Thu, 26 Nov 2026 03:00:00 GMT", .seconds(86_400)),
      ("Fri, 31 Dec 9999 23:59:59 GMT", .seconds(86_400)),
    ] as [(String, Duration)])
  func read(value: String, wait: Duration) {
    #expect(RetryAfter.wait(value, now: Self.now) == wait)
    let response = HTTPResponse(status: 503, headers: [HTTPHeader("retry-after", value)], body: [])
    #expect(RetryAfter.wait(in: response, now: Self.now) == wait)
  }

  @Test(
    "any other value counts as no header",
    arguments: [
      "", " ", "-1", "+1", "1e3", "0x10", "inf", "nan", "1.", ".5", "1.5.1", "1,5", "10 s", "10, 20", "soon",
      "Tue", "24 Nov", "２",
    ])
  func refused(value: String) { #expect(RetryAfter.wait(value, now: Self.now) == nil) }

  @Test("no truncation of a date gives a wait outside the limits")
  func truncated() {
    for date in [
      "Tue, 24 Nov 2026 03:00:10 GMT", "Tuesday, 24-Nov-26 03:00:10 GMT", "Tue Nov 24 03:00:10 2026",
    ] {
      for count in 0...date.count {
        let wait = RetryAfter.wait(String(date.prefix(count)), now: Self.now) ?? .zero
        #expect(wait >= .zero && wait <= RetryAfter.waitMax, "\(date.prefix(count))")
      }
    }
  }
}
