/// Thrown when the invocation's time is up. The next hop does what is left.
struct OutOfTime: Error {}

/// Sends one request to TMDB within the fetcher's rate, and repeats it until TMDB has given a final response.
struct RepeatedRequest {
  let fetcher: FilmFetcher
  let timeBudget: TimeBudget

  private var api: any TMDBAPI { fetcher.api }
  private var clock: any SystemClock { fetcher.clock }

  /// Repeats a request until there is a final outcome.
  /// - Parameter accept: checks the body of a 200. A body that it rejects counts as an error of TMDB.
  func send<Value>(
    _ request: (Duration) async throws -> HTTPResponse,
    accept: (UnsafeRawBufferPointer) throws(ResponseError) -> Value
  ) async throws -> RequestOutcome<Value> {
    var errors = 0
    var refusals = Refusals()
    while true {
      let attempt = try await sendOnce(request)
      switch attempt.outcome {
      case .responded:
        do {
          let value = try attempt.body.withUnsafeBytes { body throws(ResponseError) in try accept(body) }
          return .accepted(value, attempt.body)
        } catch {
          errors += 1
          guard try await waitBeforeRetry(errors) else { return .failed("\(error)") }
        }
      case .notFound: return .notFound
      case .rejected(let reason): return .failed(reason)
      case .tokenRefused(let reason):
        fetcher.noteTokenRefused()
        throw TMDBFailure.tokenRefused(server: api.baseURL, reason: reason)
      case .unavailable(let reason):
        errors += 1
        guard try await waitBeforeRetry(errors) else { return .failed(reason) }
      case .refused(let refusal):
        let reason = try await hold(after: refusal, sentAt: attempt.sentAt, &refusals)
        if let reason { return .failed(reason) }
        // The retry waits for a slot like any other request: the pacer has lowered the rate.
        fetcher.noteRetry()
      }
    }
  }

  /// How often one request was refused.
  private struct Refusals {
    /// Because of its rate, or with a wait.
    var delays = 0
    /// By TMDB's edge.
    var blocks = 0
  }

  /// Holds back all requests after a refusal.
  /// - Returns: why the film failed, if its request is not to be retried; otherwise nil.
  /// - Throws: `TMDBFailure.blocked` if TMDB's edge blocks every request.
  private func hold(
    after refusal: TMDBOutcome.Refusal, sentAt: ContinuousClock.Instant, _ refusals: inout Refusals
  ) async throws -> String? {
    let limits = fetcher.limits
    guard refusal.kind == .blocked else {
      refusals.delays += 1
      fetcher.noteRefused(
        isThrottled: refusal.kind == .throttled, sentAt: sentAt,
        wait: min(refusal.wait ?? .zero, limits.retryAfterMax))
      guard refusals.delays >= limits.refusalsMax else { return nil }
      return
        "TMDB accepted the request at none of \(refusals.delays) attempts; the last response: \(refusal.reason)"
    }
    try fetcher.noteBlocked(sentAt: sentAt, reason: refusal.reason)
    refusals.blocks += 1
    let wait = limits.blocks.wait(
      afterAttempts: refusals.blocks, serverWait: refusal.wait ?? limits.blockedWait,
      random: fetcher.randomness.random())
    fetcher.noteRefused(isThrottled: false, sentAt: sentAt, wait: wait ?? .zero)
    // Other requests were served in between, so the response concerns this film alone.
    guard let wait else { return refusal.reason }
    // Other films come first, to show whether the address is blocked or only this film.
    try await self.wait(until: clock.now + wait + limits.blockedWait)
    return nil
  }

  /// The result of sending a request once.
  private struct Attempt {
    let outcome: TMDBOutcome
    let body: [UInt8]
    let sentAt: ContinuousClock.Instant
  }

  private func sendOnce(_ request: (Duration) async throws -> HTTPResponse) async throws -> Attempt {
    var slot: RatePacer.Slot
    repeat {
      slot = fetcher.reserveSlot()
      try await wait(until: slot.time)
    } while !fetcher.use(slot)
    let remaining = clock.now.duration(to: timeBudget.finishBy)
    guard remaining > .zero else { throw OutOfTime() }
    fetcher.noteSent()
    let sentAt = clock.now
    do {
      let response = try await request(min(remaining, TMDBClient.timeout))
      let outcome = TMDBOutcome(response, now: clock.date)
      fetcher.noteResponse(sentAt: sentAt, isRefusal: outcome.isRefusal)
      return Attempt(outcome: outcome, body: response.body, sentAt: sentAt)
    } catch let error as HTTPError where error.reason != .cancelled {
      if error.reason == .timedOut, remaining < TMDBClient.timeout { throw OutOfTime() }
      return Attempt(outcome: TMDBOutcome(error), body: [], sentAt: sentAt)
    }
  }

  /// Waits before a retry.
  /// - Parameter errors: how often the request has failed.
  /// - Returns: false when no retry is left.
  private func waitBeforeRetry(_ errors: Int) async throws -> Bool {
    let random = fetcher.randomness.random()
    guard let wait = fetcher.limits.errors.wait(afterAttempts: errors, random: random) else { return false }
    fetcher.noteRetry()
    try await self.wait(until: clock.now + wait)
    return true
  }

  private func wait(until time: ContinuousClock.Instant) async throws {
    guard time <= timeBudget.sendUntil else { throw OutOfTime() }
    if time > clock.now { try await clock.sleep(until: time) }
  }
}

/// The final outcome of a request and its retries.
enum RequestOutcome<Value> {
  /// A 200 with an accepted body: what `accept` returned, and the body.
  case accepted(Value, [UInt8])
  /// A 404.
  case notFound
  case failed(String)
}
