import CCurl

/// Reads the Retry-After header: a number of seconds, or an HTTP date (RFC 9110, section 10.2.3).
package enum RetryAfter {
  /// The longest wait that is returned. A longer one is cut to this.
  package static let waitMax: Duration = .seconds(86_400)

  /// The wait that the server requests, from zero to `waitMax`; nil if the header is missing or malformed.
  package static func wait(in response: HTTPResponse, now: UnixTime) -> Duration? {
    response.header("Retry-After").flatMap { wait($0, now: now) }
  }

  /// The wait that a value of the header requests. A fraction of a second, which RFC 9110 does not define but servers
  /// send, is not rounded.
  package static func wait(_ value: String, now: UnixTime) -> Duration? {
    if let seconds = seconds(value) { return min(.seconds(seconds), waitMax) }
    // Every form of an HTTP date starts with the name of a day. libcurl's parser also accepts other texts.
    guard let first = value.utf8.first, (0x41...0x5A).contains(first & 0xDF) else { return nil }
    let date = curl_getdate(value, nil)
    guard date >= 0 else { return nil }
    let (wait, overflow) = Int64(date).subtractingReportingOverflow(now.nanoseconds / 1_000_000_000)
    return overflow ? waitMax : min(.seconds(max(0, wait)), waitMax)
  }

  /// The value of `12` or `1.5`, at most `waitMax` plus one second; nil for any other text.
  private static func seconds(_ value: String) -> Double? {
    let parts = value.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }),
      let seconds = Double(value)
    else { return nil }
    return min(seconds, waitMax.inSeconds + 1)
  }
}
