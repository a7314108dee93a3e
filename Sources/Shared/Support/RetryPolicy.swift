/// Decides whether to retry and how long to wait first: exponential backoff with full jitter
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
package struct RetryPolicy: Sendable, Equatable {
  /// Maximum number of attempts, including the first.
  package let attemptsMax: Int
  /// The longest wait before the second attempt. It doubles with each further attempt, up to `ceiling`.
  package let base: Duration
  /// The longest wait before any attempt, except when the server requests a longer one.
  package let ceiling: Duration
  /// The upper limit for a wait that the server requests.
  package let serverWaitMax: Duration

  package init(attemptsMax: Int, base: Duration, ceiling: Duration, serverWaitMax: Duration = .seconds(120)) {
    self.attemptsMax = attemptsMax
    self.base = base
    self.ceiling = ceiling
    self.serverWaitMax = serverWaitMax
  }

  /// Returns how long to wait before the next attempt, or nil if no attempts are left.
  /// - Parameters:
  ///   - attempts: the number of attempts that have failed, at least 1.
  ///   - serverWait: the wait that a Retry-After header requested. It is waited in full, with jitter added, so that
  ///     many clients that were refused at the same time do not return at the same time.
  ///   - random: a random number in 0..<1.
  package func wait(afterAttempts attempts: Int, serverWait: Duration? = nil, random: Double) -> Duration? {
    guard attempts < attemptsMax else { return nil }
    let doublings = min(max(attempts - 1, 0), 30)
    let longest = min(base * (1 << doublings), ceiling)
    let jitter = longest * random
    guard let serverWait else { return jitter }
    return min(serverWait, serverWaitMax) + min(jitter, base)
  }
}
