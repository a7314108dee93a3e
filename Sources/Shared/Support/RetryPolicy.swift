/// When to try again, and after how long: exponential backoff with full jitter
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
package struct RetryPolicy: Sendable, Equatable {
  /// All tries, the first among them.
  package let triesMax: Int
  /// The longest wait before the second try; doubles with each.
  package let base: Duration
  /// No wait is longer, but for one that the server asked for.
  package let ceiling: Duration
  /// The longest wait that a server may ask for.
  package let serverWaitMax: Duration

  package init(triesMax: Int, base: Duration, ceiling: Duration, serverWaitMax: Duration = .seconds(120)) {
    self.triesMax = triesMax
    self.base = base
    self.ceiling = ceiling
    self.serverWaitMax = serverWaitMax
  }

  /// How long to wait after the given failed try; nil when it was the last.
  /// - Parameters:
  ///   - tries: how many tries have failed, from 1.
  ///   - serverWait: what a Retry-After header asked for. Waited in full, and jittered on top, so that many who
  ///     were sent away together do not come back together.
  ///   - random: a number in 0..<1.
  package func wait(afterTries tries: Int, serverWait: Duration? = nil, random: Double) -> Duration? {
    guard tries < triesMax else { return nil }
    let doublings = min(max(tries - 1, 0), 30)
    let longest = min(base * (1 << doublings), ceiling)
    let jitter = longest * random
    guard let serverWait else { return jitter }
    return min(serverWait, serverWaitMax) + min(jitter, base)
  }
}
