import Shared

/// What an answer of TMDB, or the lack of one, asks of the worker.
enum TMDBOutcome: Equatable {
  /// 200: the body is to be looked at.
  case answered
  /// 404: TMDB does not have it.
  case absent
  /// 429: slow down and ask again, after what the server asked for.
  case throttled(wait: Duration?)
  /// TMDB's trouble or the network's: ask again later.
  case unavailable(reason: String)
  /// Asking again would change nothing.
  case rejected(reason: String)
  /// 401: the token is not taken; nothing else will be answered either.
  case tokenRefused(reason: String)

  init(_ response: HTTPResponse, now: UnixTime) {
    self =
      switch response.status {
      case 200: .answered
      case 401: .tokenRefused(reason: Self.words(response))
      case 404: .absent
      case 429: .throttled(wait: RetryAfter.wait(in: response, now: now))
      case 500...599: .unavailable(reason: Self.words(response))
      default: .rejected(reason: Self.words(response))
      }
  }

  init(_ error: HTTPError) {
    self = error.isTransient ? .unavailable(reason: "\(error)") : .rejected(reason: "\(error)")
  }

  /// The status, and TMDB's message where the body holds one.
  private static func words(_ response: HTTPResponse) -> String {
    guard let message = StatusResponse(response.body)?.message else { return "status \(response.status)" }
    return "status \(response.status), \"\(message)\""
  }
}
