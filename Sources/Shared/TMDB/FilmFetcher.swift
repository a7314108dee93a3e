/// Fetches films' credits from TMDB within the rate, and decides how many films may be in flight.
///
/// One fetcher serves all films of an invocation, so that the rate and the counts of consecutive failures are shared.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one event loop, which all run on its thread.
package final class FilmFetcher: @unchecked Sendable {
  /// How often a request is repeated.
  package struct RetryLimits: Sendable {
    /// For errors of TMDB and of the network.
    let errors: RetryPolicy
    /// How often TMDB may throttle a request (429), or put it off with Retry-After. Each refusal lowers the rate and holds
    /// back every request, so more of them are allowed.
    var refusalsMax = 30
    /// The longest wait accepted from a Retry-After header.
    var retryAfterMax: Duration = .seconds(120)
    /// For requests that TMDB's edge blocks (403).
    var blocks = RetryPolicy(attemptsMax: 4, base: .seconds(5), ceiling: .seconds(20))
    /// The wait after a 403 without Retry-After.
    var blockedWait: Duration = .seconds(10)

    /// Waits after errors add up to at most 15 seconds per request, half of that on average.
    package static let standard = RetryLimits(
      errors: RetryPolicy(attemptsMax: 5, base: .seconds(1), ceiling: .seconds(10)))
  }

  /// The most films in flight at any rate.
  package static let inFlightMax = 64
  /// Requests are kept in flight for this factor times the mean response time, or for this many seconds if that is more.
  private static let feedSecondsMin = 0.75
  private static let feedMargin = 1.5
  /// How often a worker that may not send requests checks whether it may again.
  private static let permissionCheck: Duration = .milliseconds(500)
  /// Weight of the newest response time in the moving mean.
  private static let latencyWeight = 0.1
  /// After this many consecutive failed films TMDB counts as down.
  static let outageFilms = 64

  let api: any TMDBAPI
  let lookup: Lookup
  let clock: any SystemClock
  let randomness: any Randomness
  let limits: RetryLimits
  private let forgetToken: @Sendable () -> Void
  private let mayStart: @Sendable () -> Bool
  private var pacer: RatePacer
  /// Moving mean of the response time, in seconds.
  private var latency = 0.0
  private var consecutiveFailures = 0
  /// How often TMDB's edge has blocked a request since it last served one, and when it last did.
  private var blocks = (count: 0, lastAt: ContinuousClock.Instant?.none)
  private var requests = ShardReport.Requests()
  /// TMDB ids of the shard's films that were found and have no outcome yet.
  private var found: [String: Int] = [:]
  /// Nil while nothing is recorded.
  private var recorder: SeriesRecorder?

  /// - Parameters:
  ///   - forgetToken: called when TMDB refuses the token, so that the next invocation reads it again.
  ///   - mayStart: called before each request: whether it may be sent. If not, it waits.
  package init(
    api: any TMDBAPI, lookup: Lookup, share: RateShare, clock: any SystemClock, randomness: any Randomness,
    limits: RetryLimits = .standard, forgetToken: @escaping @Sendable () -> Void = {},
    mayStart: @escaping @Sendable () -> Bool = { true }
  ) {
    self.api = api
    self.lookup = lookup
    self.clock = clock
    self.randomness = randomness
    self.limits = limits
    self.forgetToken = forgetToken
    self.mayStart = mayStart
    pacer = RatePacer(share: share, now: clock.now)
  }

  /// The number of films that may be in flight now: as many as the rate can start during one response time, and a few
  /// more. Further films would only wait for a slot, and when the time is up their find requests would be wasted.
  package var inFlightMax: Int {
    guard let rate = pacer.rate else { return Self.inFlightMax }
    let fed = rate * max(Self.feedSecondsMin, latency * Self.feedMargin)
    return min(Self.inFlightMax, max(2, Int(min(fed, 1e6).rounded(.up)) + 1))
  }

  /// The learned rate, in requests per second; nil without a ceiling.
  package var rate: Double? { pacer.learned }

  /// Sets the highest rate, in requests per second.
  package func limit(to rate: Double) { pacer.limit(to: rate, at: clock.now) }

  /// Fetches a film's credits.
  /// - Parameter known: the film's TMDB id, if an earlier run knew it. It saves the lookup, unless it is out of date.
  /// - Returns: `.postponed` when the time is up before TMDB has responded.
  /// - Throws: `TMDBFailure` when no film can be fetched at all; `CancellationError`.
  package func fetch(_ id: String, known: Int? = nil, timeBudget: TimeBudget) async throws -> FilmOutcome {
    let outcome: FilmOutcome
    do {
      outcome = try await FilmRequest(fetcher: self, timeBudget: timeBudget)
        .credits(of: id, known: known)
    } catch is OutOfTime {
      return .postponed
    }
    found[id] = nil
    recorder?.noteFilm(at: clock.now)
    guard case .failed(let reason) = outcome else {
      consecutiveFailures = 0
      return outcome
    }
    consecutiveFailures += 1
    if consecutiveFailures >= Self.outageFilms {
      throw TMDBFailure.outage(server: api.baseURL, films: consecutiveFailures, reason: reason)
    }
    return outcome
  }

  /// Request counts since the last call.
  package func takeRequests() -> ShardReport.Requests {
    defer { requests = ShardReport.Requests() }
    return requests
  }

  /// To be called before the first film of each shard.
  /// - Parameter found: TMDB ids that an earlier hop found, by IMDb id.
  package func startShard(found: [String: Int]) { self.found = found }

  /// Records what happens from now on, until the next call, as a continuation of a shard's series.
  package func record(into series: ShardSeries) {
    recorder = SeriesRecorder(series, now: clock.now, date: clock.date)
  }

  /// The shard's series so far; nil if nothing is recorded.
  package var series: ShardSeries? { recorder?.series(at: clock.now) }

  /// TMDB ids of the shard's films that were found and not fetched, by IMDb id: of at most `inFlightMax` films, in the
  /// plan's order.
  package func foundFilms(of plan: ShardPlan) -> [String: Int] {
    guard !found.isEmpty else { return [:] }
    let films = plan.films.lazy.compactMap { id in self.found[id].map { (id, $0) } }
    return Dictionary(films.prefix(Self.inFlightMax)) { first, _ in first }
  }

  // MARK: - For `FilmRequest`

  /// The TMDB id of a film that was found before; nil if it was not.
  func tmdbID(of id: String) -> Int? { found[id] }

  /// - Parameter film: the film's TMDB id; nil if the known one is out of date.
  func noteFound(_ id: String, as film: Int?) { found[id] = film }

  func reserveSlot() -> RatePacer.Slot {
    let now = clock.now
    return mayStart() ? pacer.reserve(at: now) : pacer.invalidSlot(at: now + Self.permissionCheck)
  }

  /// To be called immediately before a request is sent.
  /// - Returns: whether it may be sent; if not, it needs another slot.
  func use(_ slot: RatePacer.Slot) -> Bool { mayStart() && pacer.use(slot, at: clock.now) }

  func noteSent() {
    requests.sent += 1
    recorder?.noteSent(at: clock.now)
  }

  func noteRetry() {
    requests.retried += 1
    recorder?.noteRetry(at: clock.now)
  }

  /// Records a response.
  /// - Parameter isRefusal: whether it says that TMDB accepts no requests for now.
  func noteResponse(sentAt: ContinuousClock.Instant, isRefusal: Bool) {
    let weight = latency == 0 ? 1 : Self.latencyWeight
    let (now, seconds) = (clock.now, sentAt.duration(to: clock.now).inSeconds)
    latency += (seconds - latency) * weight
    recorder?.noteResponse(at: now, seconds: seconds)
    guard !isRefusal else { return }
    blocks.count = 0
    pacer.served(at: clock.now)
  }

  func noteTokenRefused() { forgetToken() }

  /// Records that TMDB's edge blocked a request (403). Requests that were in flight at the same time count once.
  /// - Throws: `TMDBFailure.blocked` if it has not served any request for as many attempts as one request has.
  func noteBlocked(sentAt: ContinuousClock.Instant, reason: String) throws(TMDBFailure) {
    guard blocks.lastAt.map({ sentAt >= $0 }) ?? true else { return }
    blocks = (blocks.count + 1, clock.now)
    guard blocks.count >= limits.blocks.attemptsMax else { return }
    throw .blocked(server: api.baseURL, attempts: blocks.count, reason: reason)
  }

  /// Lowers the rate.
  /// - Parameters:
  ///   - isThrottled: whether the refusal is a 429.
  ///   - wait: holds back every request, not only the refused one.
  func noteRefused(isThrottled: Bool, sentAt: ContinuousClock.Instant, wait: Duration) {
    if isThrottled { requests.throttled += 1 }
    recorder?.noteRefused(at: clock.now, isThrottled: isThrottled, wait: wait)
    pacer.refused(at: clock.now, sentAt: sentAt, wait: wait, chance: randomness.random())
  }
}
