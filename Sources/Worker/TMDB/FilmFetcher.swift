import Shared

/// Gets one film after the other from TMDB, within the rate and with bounded tries.
///
/// Safety of `@unchecked Sendable`: touched by tasks of one loop alone, which share its one thread.
final class FilmFetcher: @unchecked Sendable {
  /// How often a film is tried.
  struct RetryLimits: Sendable {
    /// For TMDB's trouble and the network's.
    let troubles: RetryPolicy
    /// How often a request may be refused (429). The rate comes down with each, so there are more of them.
    var refusalsMax = 30
    /// The longest wait that TMDB may ask for.
    var refusalWaitMax: Duration = .seconds(120)

    /// Troubles are waited for 15 seconds in all at most, and half of that on average.
    static let standard = RetryLimits(
      troubles: RetryPolicy(triesMax: 5, base: .seconds(1), ceiling: .seconds(10)))
  }

  /// Films on their way at once at most.
  static let inFlightMax = 64
  /// The least and the part more than an answer's time for which requests are kept on their way.
  private static let feedSecondsMin = 0.75
  private static let feedMargin = 1.5
  /// How much the newest answer weighs in the mean of their times.
  private static let latencyWeight = 0.1
  /// Films that fail one after the other before TMDB counts as down, and that its find does not know before it counts
  /// as another server.
  static let outageFilms = 64

  fileprivate let service: any TMDBAPI
  fileprivate let clock: any SystemClock
  fileprivate let randomness: any Randomness
  fileprivate let lookup: Lookup
  private let forgetToken: @Sendable () -> Void
  fileprivate let limits: RetryLimits
  private var pacer: RatePacer
  /// A moving mean of what an answer takes, in seconds.
  private var latency = 0.0
  private var failuresInARow = 0
  private var unknownPathsInARow = 0
  private var requests = ShardReport.Requests()

  /// - Parameter forgetToken: called when TMDB refuses the token, so that the next invocation reads it again.
  init(
    service: any TMDBAPI, lookup: Lookup, share: RateShare, clock: any SystemClock,
    randomness: any Randomness,
    limits: RetryLimits = .standard, forgetToken: @escaping @Sendable () -> Void = {}
  ) {
    self.service = service
    self.lookup = lookup
    self.clock = clock
    self.randomness = randomness
    self.limits = limits
    self.forgetToken = forgetToken
    pacer = RatePacer(share: share, now: clock.now)
  }

  /// How many films may be on their way at once: as many as the rate feeds while an answer is under way, and a few.
  /// More would only wait, each with its first call done in vain when the time is over.
  var inFlightMax: Int {
    guard let rate = pacer.rate else { return Self.inFlightMax }
    let fed = rate * max(Self.feedSecondsMin, latency * Self.feedMargin)
    return min(Self.inFlightMax, max(2, Int(min(fed, 1e6).rounded(.up)) + 1))
  }

  /// Requests a second that the worker has come to; nil without a ceiling.
  var rate: Double? { pacer.learned }

  /// Fetches a film's credits.
  /// - Throws: `TMDBFailure` when no film can be had, `CancellationError`.
  func fetch(_ id: String, timeBudget: TimeBudget) async throws -> FilmOutcome {
    let outcome: FilmOutcome
    do {
      outcome = try await FilmRequest(fetcher: self, timeBudget: timeBudget).credits(of: id)
    } catch is OutOfTime {
      return .postponed
    }
    guard case .failed(let reason) = outcome else {
      failuresInARow = 0
      return outcome
    }
    failuresInARow += 1
    if failuresInARow >= Self.outageFilms {
      throw TMDBFailure.outage(server: service.baseURL, films: failuresInARow, reason: reason)
    }
    return outcome
  }

  /// What was asked since this was last called.
  func takeRequests() -> ShardReport.Requests {
    defer { requests = ShardReport.Requests() }
    return requests
  }

  fileprivate func reserveSlot() -> RatePacer.Slot { pacer.reserve(at: clock.now) }

  fileprivate func isValid(_ slot: RatePacer.Slot) -> Bool { pacer.isValid(slot) }

  fileprivate func noteSent() { requests.sent += 1 }

  fileprivate func noteAnswer(_ status: Int, sentAt: ContinuousClock.Instant) {
    let weight = latency == 0 ? 1 : Self.latencyWeight
    latency += (sentAt.duration(to: clock.now).inSeconds - latency) * weight
    if status != 429 { pacer.served(at: clock.now) }
  }

  /// The server answered a find as TMDB does.
  fileprivate func noteKnownPath() { unknownPathsInARow = 0 }

  /// The server has no such path as a find's.
  fileprivate func noteUnknownPath() throws(TMDBFailure) {
    unknownPathsInARow += 1
    guard unknownPathsInARow < Self.outageFilms else {
      throw .notTMDB(server: service.baseURL, films: unknownPathsInARow)
    }
  }

  fileprivate func noteRetry() { requests.retried += 1 }

  fileprivate func noteTokenRefused() { forgetToken() }

  /// - Parameter wait: that the server asked for: every request is held back, not only the one that was refused.
  fileprivate func noteRefusal(sentAt: ContinuousClock.Instant, wait: Duration) {
    requests.throttled += 1
    pacer.refused(at: clock.now, sentAt: sentAt, wait: wait, chance: randomness.random())
  }
}

/// The time is over; what is not done is the next hop's.
private struct OutOfTime: Error {}

/// One film's way through TMDB's calls.
private struct FilmRequest {
  let fetcher: FilmFetcher
  let timeBudget: TimeBudget

  private var service: any TMDBAPI { fetcher.service }
  private var clock: any SystemClock { fetcher.clock }

  func credits(of id: String) async throws -> FilmOutcome {
    if fetcher.lookup == .direct {
      let direct = try await ask(
        { try await service.credits(id, timeout: $0) }, accept: Self.creditsOfAnyFilm)
      if direct.outcome != .absent { return direct.outcome }
    }
    let found = try await ask({ try await service.find(id, timeout: $0) }, accept: FindResponse.movieID(in:))
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
      return try await ask({ try await service.credits("\(film)", timeout: $0) }, accept: accept).outcome
    }
  }

  private static func creditsOfAnyFilm(_ body: UnsafeRawBufferPointer) throws(ResponseError) {
    try CreditsResponse.check(body, expectedID: nil)
  }

  /// Sends a request until it is answered for good.
  /// - Parameter accept: looks at the body of a 200; what it refuses counts as TMDB's trouble.
  private func ask<Value>(
    _ send: (Duration) async throws -> HTTPResponse,
    accept: (UnsafeRawBufferPointer) throws(ResponseError) -> Value
  ) async throws -> RequestOutcome<Value> {
    var (troubles, refusals) = (0, 0)
    while true {
      let answer = try await sendOnce(send)
      switch answer.outcome {
      case .answered:
        do {
          let value = try answer.body.withUnsafeBytes { body throws(ResponseError) in try accept(body) }
          return .accepted(value, answer.body)
        } catch {
          troubles += 1
          guard try await waitAfter(troubles, fetcher.limits.troubles) else { return .failed("\(error)") }
        }
      case .absent: return .absent
      case .rejected(let reason): return .failed(reason)
      case .tokenRefused(let reason):
        fetcher.noteTokenRefused()
        throw TMDBFailure.tokenRefused(server: service.baseURL, reason: reason)
      case .unavailable(let reason):
        troubles += 1
        guard try await waitAfter(troubles, fetcher.limits.troubles) else { return .failed(reason) }
      case .throttled(let wait):
        refusals += 1
        // Its next try waits for a slot like any other request: the rate is what steps back.
        fetcher.noteRefusal(
          sentAt: answer.sentAt, wait: min(wait ?? .zero, fetcher.limits.refusalWaitMax))
        guard refusals < fetcher.limits.refusalsMax else {
          return .failed("refused \(refusals) times (429)")
        }
        fetcher.noteRetry()
      }
    }
  }

  /// What one request came to.
  private struct Answer {
    let outcome: TMDBOutcome
    let body: [UInt8]
    let sentAt: ContinuousClock.Instant
  }

  private func sendOnce(_ send: (Duration) async throws -> HTTPResponse) async throws -> Answer {
    var slot: RatePacer.Slot
    repeat {
      slot = fetcher.reserveSlot()
      try await wait(until: slot.time)
    } while !fetcher.isValid(slot)
    let left = clock.now.duration(to: timeBudget.finishBy)
    guard left > .zero else { throw OutOfTime() }
    fetcher.noteSent()
    let sentAt = clock.now
    do {
      let response = try await send(min(left, TMDBClient.timeout))
      fetcher.noteAnswer(response.status, sentAt: sentAt)
      let outcome = TMDBOutcome(response, now: clock.date)
      return Answer(outcome: outcome, body: response.body, sentAt: sentAt)
    } catch let error as HTTPError where error.reason != .cancelled {
      if error.reason == .timedOut, left < TMDBClient.timeout { throw OutOfTime() }
      return Answer(outcome: TMDBOutcome(error), body: [], sentAt: sentAt)
    }
  }

  /// Waits before the next try; false when there is none.
  private func waitAfter(_ tries: Int, _ policy: RetryPolicy) async throws -> Bool {
    guard let wait = policy.wait(afterTries: tries, random: fetcher.randomness.random()) else { return false }
    fetcher.noteRetry()
    try await self.wait(until: clock.now + wait)
    return true
  }

  private func wait(until slot: ContinuousClock.Instant) async throws {
    guard slot <= timeBudget.sendUntil else { throw OutOfTime() }
    if slot > clock.now { try await clock.sleep(until: slot) }
  }
}

/// How asking ended.
private enum RequestOutcome<Value> {
  case accepted(Value, [UInt8])
  case absent
  case failed(String)
}

extension RequestOutcome where Value == Void {
  fileprivate var outcome: FilmOutcome {
    switch self {
    case .accepted(_, let body): .credits(body)
    case .absent: .absent
    case .failed(let reason): .failed(reason: reason)
    }
  }
}
