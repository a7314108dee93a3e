import Shared

/// Thrown when the invocation's time is up. The next hop does what is left.
struct OutOfTime: Error {}

/// The requests for one film: find and credits, each repeated until TMDB has given a final response.
struct FilmRequest {
  let fetcher: FilmFetcher
  let timeBudget: TimeBudget

  private var api: any TMDBAPI { fetcher.api }
  private var clock: any SystemClock { fetcher.clock }

  /// - Throws: `OutOfTime`, `TMDBFailure`, `CancellationError`.
  func credits(of id: String) async throws -> FilmOutcome {
    if fetcher.lookup == .direct {
      let direct = try await send(
        { try await api.credits(id, timeout: $0) }, accept: Self.creditsOfAnyFilm)
      if direct.filmOutcome != .absent { return direct.filmOutcome }
    }
    let found = try await send({ try await api.find(id, timeout: $0) }, accept: FindResponse.movieID(in:))
    switch found {
    case .absent:
      try fetcher.noteUnknownPath()
      return .absent
    case .failed(let reason): return .failed(reason: reason)
    case .accepted(nil, _):
      fetcher.noteKnownPath()
      return .absent
    case .accepted(let film?, _):
      fetcher.noteKnownPath()
      let accept = { (body: UnsafeRawBufferPointer) throws(ResponseError) in
        try CreditsResponse.check(body, expectedID: film)
      }
      return try await send({ try await api.credits("\(film)", timeout: $0) }, accept: accept).filmOutcome
    }
  }

  private static func creditsOfAnyFilm(_ body: UnsafeRawBufferPointer) throws(ResponseError) {
    try CreditsResponse.check(body, expectedID: nil)
  }

  /// Repeats a request until there is a final outcome.
  /// - Parameter accept: checks the body of a 200. A body that it rejects counts as an error of TMDB.
  private func send<Value>(
    _ request: (Duration) async throws -> HTTPResponse,
    accept: (UnsafeRawBufferPointer) throws(ResponseError) -> Value
  ) async throws -> RequestOutcome<Value> {
    var (errors, refusals) = (0, 0)
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
      case .absent: return .absent
      case .rejected(let reason): return .failed(reason)
      case .tokenRefused(let reason):
        fetcher.noteTokenRefused()
        throw TMDBFailure.tokenRefused(server: api.baseURL, reason: reason)
      case .unavailable(let reason):
        errors += 1
        guard try await waitBeforeRetry(errors) else { return .failed(reason) }
      case .throttled(let wait):
        refusals += 1
        fetcher.noteThrottled(
          sentAt: attempt.sentAt, wait: min(wait ?? .zero, fetcher.limits.retryAfterMax))
        guard refusals < fetcher.limits.throttledMax else {
          return .failed("TMDB throttled the request \(refusals) times (429 Too Many Requests)")
        }
        // The retry waits for a slot like any other request: the pacer has lowered the rate.
        fetcher.noteRetry()
      }
    }
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
    } while !fetcher.isValid(slot)
    let remaining = clock.now.duration(to: timeBudget.finishBy)
    guard remaining > .zero else { throw OutOfTime() }
    fetcher.noteSent()
    let sentAt = clock.now
    do {
      let response = try await request(min(remaining, TMDBClient.timeout))
      fetcher.noteResponse(response.status, sentAt: sentAt)
      return Attempt(outcome: TMDBOutcome(response, now: clock.date), body: response.body, sentAt: sentAt)
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
private enum RequestOutcome<Value> {
  /// A 200 with an accepted body: what `accept` returned, and the body.
  case accepted(Value, [UInt8])
  /// A 404.
  case absent
  case failed(String)
}

extension RequestOutcome where Value == Void {
  fileprivate var filmOutcome: FilmOutcome {
    switch self {
    case .accepted(_, let body): .credits(body)
    case .absent: .absent
    case .failed(let reason): .failed(reason: reason)
    }
  }
}
