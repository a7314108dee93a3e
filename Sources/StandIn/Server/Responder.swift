/// Decides what every request gets: a value without sockets or a clock.

/// What the decision needs to know of a request.
struct Request {
  var method = "GET"
  /// Without the query.
  var path: String
  var externalSource: String?
  /// The header as sent.
  var authorization: String?
  var address = "127.0.0.1"
  var peerPort: UInt16 = 0
}

struct Responder {
  private let token: String?
  private let retryAfter: Int?
  private var limits: RateLimits?
  private var script: FaultScript

  init(_ configuration: Configuration) {
    token = configuration.token
    retryAfter = configuration.retryAfter
    limits = configuration.limit.map {
      RateLimits($0, scope: configuration.limitScope, port: configuration.port)
    }
    script = FaultScript(configuration.failRules)
  }

  /// The order is TMDB's: the token first, then the limit, then the route. What a script says comes after the
  /// limit, so that a failure takes up its place in the window.
  mutating func answer(to request: Request, _ route: Route, at now: Duration) -> Response {
    guard isAuthorized(request.authorization) else { return .unauthorized }
    if limits?.admits(request, at: now) == false { return .tooManyRequests(retryAfter: retryAfter) }
    let failure = script.next(for: route)
    guard request.method == "GET" || request.method == "HEAD" else { return .methodNotAllowed }
    let answer = Responder.answer(to: route, source: request.externalSource)
    return failure.map { answer.failing($0, film: route.film) } ?? answer
  }

  mutating func connectionClosed(peerPort: UInt16) { limits?.connectionClosed(peerPort: peerPort) }

  private func isAuthorized(_ authorization: String?) -> Bool {
    guard let authorization, authorization.utf8.starts(with: "Bearer ".utf8) else { return false }
    let given = authorization.utf8.dropFirst(7)
    return token.map { given.elementsEqual($0.utf8) } ?? !given.isEmpty
  }

  private static func answer(to route: Route, source: String?) -> Response {
    switch route {
    case .find(let imdbID):
      guard let source else { return .sourceMissing }
      guard source == "imdb_id" else { return .sourceInvalid }
      return found(Catalogue.findSegments(Catalogue.entry(imdbID: imdbID)), FilmNumber(imdbID: imdbID))
    case .credits(let tmdbID): return credits(FilmNumber(tmdbID: tmdbID), id: tmdbID)
    case .directCredits(let imdbID):
      let film = FilmNumber(imdbID: imdbID)
      return credits(film, id: film?.tmdbID ?? 0)
    case .invalidCredits: return .invalidID
    case .unknown, .statistics, .reset: return .unknownPath
    }
  }

  private static func credits(_ film: FilmNumber?, id: Int) -> Response {
    guard let film, case .film = Catalogue.entry(of: film) else { return .notFound(id: id) }
    return found(CreditsPlan(of: film).segments(id: id), film)
  }

  /// One answer in eight goes without an ETag.
  private static func found(_ segments: [Segment], _ film: FilmNumber?) -> Response {
    let tag = DeterministicRandom.mix(UInt64(film?.value ?? 0) &+ UInt64(segments.count) << 32)
    return Response(status: 200, entityTag: tag.isMultiple(of: 8) ? nil : tag, segments: segments)
  }
}
