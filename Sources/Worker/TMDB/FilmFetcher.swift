import Shared

/// What became of one film.
enum FilmOutcome: Sendable, Equatable {
  /// TMDB's answer, byte for byte.
  case credits([UInt8])
  /// TMDB does not have the film.
  case absent
  /// Not to be had after all tries.
  case failed(reason: String)
}

/// Why a shard cannot go on: not one film's trouble, but every film's.
enum TMDBFailure: TypedFailure, Equatable {
  case tokenRefused(server: String, reason: String)
  case outage(server: String, films: Int, reason: String)

  var errorType: String {
    switch self {
    case .tokenRefused: "TokenRefused"
    case .outage: "TMDBUnavailable"
    }
  }

  var description: String {
    switch self {
    case .tokenRefused(let server, let reason):
      "TMDB at \(server) refused the token (\(reason)). Put a valid v4 read access token into the secret that "
        + "TMDB_TOKEN_SECRET names; no deployment is needed."
    case .outage(let server, let films, let reason):
      "TMDB at \(server) failed for \(films) films one after the other; the last time: \(reason). "
        + "What is written stays; invoke the shard again when TMDB answers."
    }
  }
}

/// Gets one film after the other from TMDB, within the rate and with bounded tries.
///
/// Safety of `@unchecked Sendable`: touched by tasks of one loop alone, which share its one thread.
final class FilmFetcher: @unchecked Sendable {
  /// Tries for TMDB's trouble: about 15 seconds in all.
  static let retries = RetryPolicy(triesMax: 5, base: .milliseconds(500), ceiling: .seconds(10))
  /// Tries for a refusal: each waits for the pace to come down, so there are more of them.
  static let throttleRetries = RetryPolicy(triesMax: 30, base: .seconds(1), ceiling: .seconds(30))
  /// Films that fail one after the other before TMDB counts as down.
  static let outageFilms = 64

  private let client: TMDBClient
  private let lookup: Lookup
  private var pacer: RatePacer
  private var failuresInARow = 0
  private(set) var requests = ShardReport.Requests()

  init(client: TMDBClient, lookup: Lookup, share: RateShare) {
    self.client = client
    self.lookup = lookup
    pacer = RatePacer(share: share, now: .now)
  }

  /// Fetches a film's credits.
  /// - Throws: `TMDBFailure` when no film can be had, `CancellationError`.
  func fetch(_ id: String) async throws -> FilmOutcome {
    let outcome = try await credits(of: id)
    guard case .failed(let reason) = outcome else {
      failuresInARow = 0
      return outcome
    }
    failuresInARow += 1
    if failuresInARow >= Self.outageFilms {
      throw TMDBFailure.outage(server: client.baseURL, films: failuresInARow, reason: reason)
    }
    return outcome
  }

  private func credits(of id: String) async throws -> FilmOutcome {
    if lookup == .direct {
      let direct = try await ask({ try await self.client.credits(id) }, accept: Self.creditsOfAnyFilm)
      if direct.outcome != .absent { return direct.outcome }
    }
    let found = try await ask({ try await self.client.find(id) }, accept: FindAnswer.movieID(in:))
    switch found {
    case .absent, .accepted(nil, _): return .absent
    case .failed(let reason): return .failed(reason: reason)
    case .accepted(let film?, _):
      let accept = { (body: UnsafeRawBufferPointer) throws(AnswerError) in
        try CreditsAnswer.check(body, expectedID: film)
      }
      return try await ask({ try await self.client.credits("\(film)") }, accept: accept).outcome
    }
  }

  private static func creditsOfAnyFilm(_ body: UnsafeRawBufferPointer) throws(AnswerError) {
    try CreditsAnswer.check(body, expectedID: nil)
  }

  /// Sends a request until it is answered for good.
  /// - Parameter accept: looks at the body of a 200; what it refuses counts as TMDB's trouble.
  private func ask<Value>(
    _ send: () async throws -> HTTPResponse,
    accept: (UnsafeRawBufferPointer) throws(AnswerError) -> Value
  ) async throws -> Asked<Value> {
    var (troubles, refusals) = (0, 0)
    while true {
      let (verdict, response) = try await sendOnce(send)
      switch verdict {
      case .answered:
        do {
          let value = try response.body.withUnsafeBytes { body throws(AnswerError) in try accept(body) }
          return .accepted(value, response.body)
        } catch {
          troubles += 1
          guard try await waitAfter(troubles, Self.retries) else { return .failed("\(error)") }
        }
      case .absent: return .absent
      case .rejected(let reason): return .failed(reason)
      case .tokenRefused(let reason): throw TMDBFailure.tokenRefused(server: client.baseURL, reason: reason)
      case .unavailable(let reason):
        troubles += 1
        guard try await waitAfter(troubles, Self.retries) else { return .failed(reason) }
      case .throttled(let wait):
        refusals += 1
        guard try throttle(refusals, wait) else { return .failed("refused \(refusals) times (429)") }
      }
    }
  }

  private func sendOnce(
    _ send: () async throws -> HTTPResponse
  ) async throws -> (TMDBVerdict, HTTPResponse) {
    let now = ContinuousClock.now
    let slot = pacer.reserve(at: now)
    if slot > now { try await client.http.loop.sleep(until: slot) }
    requests.sent += 1
    do {
      let response = try await send()
      return (TMDBVerdict(response, now: .now()), response)
    } catch let error as HTTPError where error.reason != .cancelled {
      return (TMDBVerdict(error), HTTPResponse(status: 0, headers: [], body: []))
    }
  }

  /// Waits before the next try; false when there is none.
  private func waitAfter(_ tries: Int, _ policy: RetryPolicy) async throws -> Bool {
    guard let wait = policy.wait(afterTries: tries, random: .random(in: 0..<1)) else { return false }
    requests.retried += 1
    try await client.http.loop.sleep(for: wait)
    return true
  }

  /// Holds every request back, not only the one that was refused; false when there is no further try.
  private func throttle(_ tries: Int, _ asked: Duration?) throws -> Bool {
    requests.throttled += 1
    let wait = Self.throttleRetries.wait(
      afterTries: tries, serverWait: asked, random: .random(in: 0..<1))
    guard let wait else { return false }
    pacer.refused(at: .now, wait: wait)
    requests.retried += 1
    return true
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
