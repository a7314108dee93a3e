/// Decides the response to each request. A value without sockets or a clock.

/// The parts of a request that the decision needs.
struct Request {
  var method = "GET"
  /// Without the query.
  var path: String
  var externalSource: String?
  /// The header's value as sent.
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

  /// Checks in TMDB's order: the token, the rate limit, the route. Fault rules apply after the rate limit, so that a
  /// request with an injected fault counts against the limit.
  mutating func response(to request: Request, _ route: Route, at now: Duration) -> Response {
    guard isAuthorized(request.authorization) else { return .unauthorized }
    if limits?.admits(request, at: now) == false { return .tooManyRequests(retryAfter: retryAfter) }
    let fault = script.next(for: route)
    guard request.method == "GET" || request.method == "HEAD" else { return .methodNotAllowed }
    let response = Responder.response(to: route, source: request.externalSource)
    return fault.map { response.with($0, film: route.film) } ?? response
  }

  mutating func connectionClosed(peerPort: UInt16) { limits?.connectionClosed(peerPort: peerPort) }

  private func isAuthorized(_ authorization: String?) -> Bool {
    guard let authorization, authorization.utf8.starts(with: "Bearer ".utf8) else { return false }
    let given = authorization.utf8.dropFirst(7)
    return token.map { given.elementsEqual($0.utf8) } ?? !given.isEmpty
  }

  private static func response(to route: Route, source: String?) -> Response {
    switch route {
    case .find(let imdbID):
      guard let source else { return .sourceMissing }
      guard source == "imdb_id" else { return .sourceInvalid }
      return Response(status: 200, segments: Catalogue.findSegments(Catalogue.entry(imdbID: imdbID)))
    case .credits(let tmdbID): return credits(FilmNumber(tmdbID: tmdbID), id: tmdbID)
    case .directCredits(let imdbID):
      let film = FilmNumber(imdbID: imdbID)
      return credits(film, id: film?.tmdbID ?? 0)
    case .invalidCredits: return .invalidID
    case .unknown, .statistics: return .unknownPath
    }
  }

  private static func credits(_ film: FilmNumber?, id: Int) -> Response {
    guard let film, case .film = Catalogue.entry(of: film) else { return .notFound(id: id) }
    return Response(status: 200, segments: CreditsPlan(of: film).segments(id: id))
  }
}
