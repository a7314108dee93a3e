import CCurl

/// Reads the Retry-After header: a number of seconds, or an HTTP date (RFC 9110, section 10.2.3).
package enum RetryAfter {
  /// The wait that the server requests; nil if the header is missing or malformed. Never negative, and at most one day
  /// if it is given in seconds.
  package static func wait(in response: HTTPResponse, now: UnixTime) -> Duration? {
    guard let value = response.header("Retry-After") else { return nil }
    if let seconds = Int64(value) { return .seconds(max(0, min(seconds, 86_400))) }
    let date = curl_getdate(value, nil)
    guard date >= 0 else { return nil }
    return .seconds(max(0, Int64(date) - now.nanoseconds / 1_000_000_000))
  }
}
