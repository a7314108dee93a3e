/// How a stand-in behaves: what the flags say, as a value.
package struct Configuration: Sendable {
  /// An IPv4 address.
  package var bindAddress = "127.0.0.1"
  /// 0 takes any free port, which stands here once the server listens.
  package var port: UInt16 = 0
  /// The bearer token asked for; nil takes any that is not empty.
  package var token: String?
  /// Every answer waits this long from the request on, give or take up to `jitter`.
  package var latency = Duration.zero
  package var jitter = Duration.zero
  var limit: RateLimit.Rule?
  var limitScope = RateLimits.Scope.all
  /// Retry-After in seconds on a 429; nil leaves the header out, as TMDB does today as far as is known.
  package var retryAfter: Int?
  package var failRules: [FaultRule] = []
  /// Answers go without a Content-Length, in chunks, as TMDB's mostly do; costs a copy more.
  package var isChunked = false
  /// A line for every request goes to this file; nil for none.
  package var logPath: String?
  /// Keeps the last million requests in memory for `StandInServer.requests()`.
  package var keepsRequests = false

  package init() {}

  /// No more than `count` requests in any window; what is beyond gets a 429.
  package mutating func limit(to count: Int, per window: Duration) {
    limit = RateLimit.Rule(count: max(1, count), window: window)
  }
}

extension Configuration {
  /// The wait of the request with this running number.
  func delay(of sequence: UInt64) -> Duration {
    guard jitter > .zero else { return latency }
    var draw = DeterministicRandom(5, sequence)
    let share = draw.below(2_000_001) - 1_000_000
    return max(.zero, latency + jitter * share / 1_000_000)
  }
}
