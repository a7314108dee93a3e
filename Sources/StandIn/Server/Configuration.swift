/// The stand-in's behaviour as a value, set by command-line options or by a test.
package struct Configuration: Sendable {
  /// The port on 127.0.0.1; 0 lets the system choose.
  package var port: UInt16 = 0
  /// The only bearer token that is accepted; nil accepts every token that is not empty.
  package var token: String?
  /// The time between a request's arrival and its response.
  package var latency = Duration.zero
  /// The rate limit; nil means no limit.
  var limit: RateLimit.Rule?
  var limitScope = RateLimits.Scope.all
  /// The Retry-After header of a 429, in seconds. nil sends none, like TMDB today as far as is known.
  package var retryAfter: Int?
  /// Fault rules, tried in order.
  package var failRules: [FaultRule] = []
  /// What changes at TMDB, and when.
  package var edits: [Edit] = []
  /// The day that the server takes for today; nil is the day on which it starts.
  package var today: CalendarDay?
  /// Sends chunked bodies without Content-Length, as TMDB mostly does. Costs an extra copy of each body.
  package var isChunked = false
  /// The file that gets a line per request; nil for no log.
  package var logPath: String?
  /// Whether requests are kept in memory for `StandInServer.requests()`.
  package var keepsRequests = false

  package init() {}

  /// Allows at most `count` requests in any window of this length; further requests get a 429.
  package mutating func limit(to count: Int, per window: Duration) {
    limit = RateLimit.Rule(count: max(1, count), window: window)
  }
}
