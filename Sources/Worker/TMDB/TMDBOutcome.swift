import Shared

/// What one request to TMDB resulted in, and so what to do next.
enum TMDBOutcome: Equatable {
  /// 200: check the body.
  case responded
  /// 404: TMDB does not have it.
  case absent
  /// 429: slow down and retry, after the wait that the server requested.
  case throttled(wait: Duration?)
  /// A temporary error of TMDB or the network: retry later.
  case unavailable(reason: String)
  /// A retry would give the same response.
  case rejected(reason: String)
  /// 401: TMDB does not accept the token, and will reject every other request too.
  case tokenRefused(reason: String)

  init(_ response: HTTPResponse, now: UnixTime) {
    self =
      switch response.status {
      case 200: .responded
      case 401: .tokenRefused(reason: Self.reason(response))
      case 404: .absent
      case 429: .throttled(wait: RetryAfter.wait(in: response, now: now))
      case 500...599: .unavailable(reason: Self.reason(response))
      default: .rejected(reason: Self.reason(response))
      }
  }

  init(_ error: HTTPError) {
    self = error.isTransient ? .unavailable(reason: "\(error)") : .rejected(reason: "\(error)")
  }

  /// The status with its meaning, and TMDB's own message if the body has one.
  private static func reason(_ response: HTTPResponse) -> String {
    let status = "TMDB responded \(response.status)\(meanings[response.status].map { " \($0)" } ?? "")"
    guard let message = StatusResponse(response.body)?.message else { return status }
    return "\(status): \"\(message)\""
  }

  /// Reason phrases (RFC 9110, 15) of the statuses that TMDB and its edge are known to send.
  private static let meanings = [
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 405: "Method Not Allowed",
    406: "Not Acceptable",
    422: "Unprocessable Content", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout",
  ]
}
