import Shared

/// Gets one film after the other from TMDB, within the rate and with bounded tries.
///
/// Safety of `@unchecked Sendable`: touched by tasks of one loop alone, which share its one thread.
final class FilmFetcher: @unchecked Sendable {
  /// How often a film is tried.
  struct Patience: Sendable {
    /// For TMDB's trouble and the network's.
    let troubles: RetryPolicy
    /// How often a request may be refused (429). The rate comes down with each, so there are more of them.
    var refusalsMax = 30
    /// The longest wait that TMDB may ask for.
    var refusalWaitMax: Duration = .seconds(120)

    /// Troubles are waited for 15 seconds in all at most, and half of that on average.
    static let standard = Patience(
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

  fileprivate let service: any FilmService
  fileprivate let surroundings: any Surroundings
  fileprivate let lookup: Lookup
  private let forgetToken: @Sendable () -> Void
  fileprivate let patience: Patience
  private var pacer: RatePacer
  /// A moving mean of what an answer takes, in seconds.
  private var latency = 0.0
  private var failuresInARow = 0
  private var unknownPathsInARow = 0
  private var requests = ShardReport.Requests()

  /// - Parameter forgetToken: called when TMDB refuses the token, so that the next invocation reads it again.
  init(
    service: any FilmService, lookup: Lookup, share: RateShare, surroundings: any Surroundings,
    patience: Patience = .standard, forgetToken: @escaping @Sendable () -> Void = {}
  ) {
    self.service = service
    self.lookup = lookup
    self.surroundings = surroundings
    self.patience = patience
    self.forgetToken = forgetToken
    pacer = RatePacer(share: share, now: surroundings.now)
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
  func fetch(_ id: String, clock: WorkClock) async throws -> FilmOutcome {
    let outcome: FilmOutcome
    do {
      outcome = try await Errand(fetcher: self, clock: clock).credits(of: id)
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

  fileprivate func reserveSlot() -> RatePacer.Slot { pacer.reserve(at: surroundings.now) }

  fileprivate func isValid(_ slot: RatePacer.Slot) -> Bool { pacer.isValid(slot) }

  fileprivate func noteSent() { requests.sent += 1 }

  fileprivate func noteAnswer(_ status: Int, sentAt: ContinuousClock.Instant) {
    let weight = latency == 0 ? 1 : Self.latencyWeight
    latency += (sentAt.duration(to: surroundings.now).inSeconds - latency) * weight
    if status != 429 { pacer.served(at: surroundings.now) }
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
    pacer.refused(at: surroundings.now, sentAt: sentAt, wait: wait, chance: surroundings.random())
  }
}

/// The time is over; what is not done is the next hop's.
private struct OutOfTime: Error {}

/// One film's way through TMDB's calls.
private struct Errand {
  let fetcher: FilmFetcher
  let clock: WorkClock

  private var service: any FilmService { fetcher.service }
  private var surroundings: any Surroundings { fetcher.surroundings }

  func credits(of id: String) async throws -> FilmOutcome {
    if fetcher.lookup == .direct {
      let direct = try await ask(
        { try await service.credits(id, timeout: $0) }, accept: Self.creditsOfAnyFilm)
      if direct.outcome != .absent { return direct.outcome }
    }
    let found = try await ask({ try await service.find(id, timeout: $0) }, accept: FindAnswer.movieID(in:))
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
      let accept = { (body: UnsafeRawBufferPointer) throws(AnswerError) in
        try CreditsAnswer.check(body, expectedID: film)
      }
      return try await ask({ try await service.credits("\(film)", timeout: $0) }, accept: accept).outcome
    }
  }

  private static func creditsOfAnyFilm(_ body: UnsafeRawBufferPointer) throws(AnswerError) {
    try CreditsAnswer.check(body, expectedID: nil)
  }

  /// Sends a request until it is answered for good.
  /// - Parameter accept: looks at the body of a 200; what it refuses counts as TMDB's trouble.
  private func ask<Value>(
    _ send: (Duration) async throws -> HTTPResponse,
    accept: (UnsafeRawBufferPointer) throws(AnswerError) -> Value
  ) async throws -> Asked<Value> {
    var (troubles, refusals) = (0, 0)
    while true {
      let answer = try await sendOnce(send)
      switch answer.verdict {
      case .answered:
        do {
          let value = try answer.body.withUnsafeBytes { body throws(AnswerError) in try accept(body) }
          return .accepted(value, answer.body)
        } catch {
          troubles += 1
          guard try await waitAfter(troubles, fetcher.patience.troubles) else { return .failed("\(error)") }
        }
      case .absent: return .absent
      case .rejected(let reason): return .failed(reason)
      case .tokenRefused(let reason):
        fetcher.noteTokenRefused()
        throw TMDBFailure.tokenRefused(server: service.baseURL, reason: reason)
      case .unavailable(let reason):
        troubles += 1
        guard try await waitAfter(troubles, fetcher.patience.troubles) else { return .failed(reason) }
      case .throttled(let wait):
        refusals += 1
        // Its next try waits for a slot like any other request: the rate is what steps back.
        fetcher.noteRefusal(
          sentAt: answer.sentAt, wait: min(wait ?? .zero, fetcher.patience.refusalWaitMax))
        guard refusals < fetcher.patience.refusalsMax else {
          return .failed("refused \(refusals) times (429)")
        }
        fetcher.noteRetry()
      }
    }
  }

  /// What one request came to.
  private struct Answer {
    let verdict: TMDBVerdict
    let body: [UInt8]
    let sentAt: ContinuousClock.Instant
  }

  private func sendOnce(_ send: (Duration) async throws -> HTTPResponse) async throws -> Answer {
    var slot: RatePacer.Slot
    repeat {
      slot = fetcher.reserveSlot()
      try await wait(until: slot.time)
    } while !fetcher.isValid(slot)
    let left = surroundings.now.duration(to: clock.finishBy)
    guard left > .zero else { throw OutOfTime() }
    fetcher.noteSent()
    let sentAt = surroundings.now
    do {
      let response = try await send(min(left, TMDBClient.timeout))
      fetcher.noteAnswer(response.status, sentAt: sentAt)
      let verdict = TMDBVerdict(response, now: surroundings.date)
      return Answer(verdict: verdict, body: response.body, sentAt: sentAt)
    } catch let error as HTTPError where error.reason != .cancelled {
      if error.reason == .timedOut, left < TMDBClient.timeout { throw OutOfTime() }
      return Answer(verdict: TMDBVerdict(error), body: [], sentAt: sentAt)
    }
  }

  /// Waits before the next try; false when there is none.
  private func waitAfter(_ tries: Int, _ policy: RetryPolicy) async throws -> Bool {
    guard let wait = policy.wait(afterTries: tries, random: surroundings.random()) else { return false }
    fetcher.noteRetry()
    try await self.wait(until: surroundings.now + wait)
    return true
  }

  private func wait(until slot: ContinuousClock.Instant) async throws {
    guard slot <= clock.sendUntil else { throw OutOfTime() }
    if slot > surroundings.now { try await surroundings.sleep(until: slot) }
  }
}

/// How asking ended.
private enum Asked<Value> {
  case accepted(Value, [UInt8])
  case absent
  case failed(String)
}

extension Asked where Value == Void {
  fileprivate var outcome: FilmOutcome {
    switch self {
    case .accepted(_, let body): .credits(body)
    case .absent: .absent
    case .failed(let reason): .failed(reason: reason)
    }
  }
}
