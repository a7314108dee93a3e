/// What one request to TMDB resulted in, and so what to do next.
enum TMDBOutcome: Equatable {
  /// 200: check the body.
  case responded
  /// 404. What it means depends on the route.
  case notFound
  /// TMDB accepts no requests for now: hold all of them back, slow down, and send this one again.
  case refused(Refusal)
  /// A temporary error of TMDB or the network: retry later.
  case unavailable(reason: String)
  /// A retry would give the same response.
  case rejected(reason: String)
  /// 401: TMDB does not accept the token, and will reject every other request too.
  case tokenRefused(reason: String)

  /// A response that concerns all requests, not only the one that got it.
  struct Refusal: Equatable {
    enum Kind {
      /// 429: the requests come too fast.
      case throttled
      /// A temporary error with a Retry-After header.
      case deferred
      /// 403: TMDB's edge blocks the caller's address.
      case blocked
    }

    let kind: Kind
    /// The wait that the server requested; nil if it requested none.
    let wait: Duration?
    let reason: String
  }

  var isRefusal: Bool { if case .refused = self { true } else { false } }

  init(_ response: HTTPResponse, now: UnixTime) {
    let reason = response.status == 200 ? "" : TMDBStatus.reason(response)
    switch response.status {
    case 200: self = .responded
    case 401: self = .tokenRefused(reason: reason)
    case 403:
      self = .refused(Refusal(kind: .blocked, wait: RetryAfter.wait(in: response, now: now), reason: reason))
    case 404: self = .notFound
    case 429:
      self = .refused(
        Refusal(kind: .throttled, wait: RetryAfter.wait(in: response, now: now), reason: reason))
    // A 2xx other than 200 has no film's data. 302, 303 and 307 are temporary redirects (RFC 9110, 15.4), 408 is a
    // timeout of the server (15.5.9), and 425 asks for a retry (RFC 8470, 5.2).
    case 201...299, 302, 303, 307, 408, 425, 500...599:
      self = Self.temporary(response, reason: reason, now: now)
    default: self = .rejected(reason: reason)
    }
  }

  init(_ error: HTTPError) {
    self = error.isTransient ? .unavailable(reason: "\(error)") : .rejected(reason: "\(error)")
  }

  /// A temporary error that requests a wait concerns every request (RFC 9110, 10.2.3). Without one, or with a wait of
  /// zero, it can be an error of this request alone.
  private static func temporary(_ response: HTTPResponse, reason: String, now: UnixTime) -> TMDBOutcome {
    guard let wait = RetryAfter.wait(in: response, now: now), wait > .zero else {
      return .unavailable(reason: reason)
    }
    return .refused(Refusal(kind: .deferred, wait: wait, reason: reason))
  }
}
