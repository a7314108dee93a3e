/// Decides the response to each request. A value without sockets or a clock.

/// The parts of a request that the decision needs.
struct Request {
  var method = "GET"
  /// Without the query.
  var path: String
  var externalSource: String?
  var changes = ChangesQuery()
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
  private let edits: [Edit]
  private var catalogue: EditedCatalogue
  private var changes: ChangeList

  init(_ configuration: Configuration, today: CalendarDay) {
    token = configuration.token
    retryAfter = configuration.retryAfter
    limits = configuration.limit.map {
      RateLimits($0, scope: configuration.limitScope, port: configuration.port)
    }
    script = FaultScript(configuration.failRules)
    edits = configuration.edits
    catalogue = EditedCatalogue(edits, today: today)
    changes = ChangeList(edits, today: today)
  }

  mutating func setToday(_ today: CalendarDay) {
    catalogue = EditedCatalogue(edits, today: today)
    changes = ChangeList(edits, today: today)
  }

  /// Checks in TMDB's order: the token, the rate limit, the route. Fault rules apply after the rate limit, so that a
  /// request with an injected fault counts against the limit.
  mutating func response(to request: Request, _ route: Route, at now: Duration) -> Response {
    guard isAuthorized(request.authorization) else { return .unauthorized }
    if limits?.admits(request, at: now) == false { return .tooManyRequests(retryAfter: retryAfter) }
    let fault = script.next(for: route)
    guard request.method == "GET" || request.method == "HEAD" else { return .methodNotAllowed }
    let response = self.response(to: request, route)
    return fault.map { response.with($0, film: route.film) } ?? response
  }

  mutating func connectionClosed(peerPort: UInt16) { limits?.connectionClosed(peerPort: peerPort) }

  private func isAuthorized(_ authorization: String?) -> Bool {
    guard let authorization, authorization.utf8.starts(with: "Bearer ".utf8) else { return false }
    let given = authorization.utf8.dropFirst(7)
    return token.map { given.elementsEqual($0.utf8) } ?? !given.isEmpty
  }

  private func response(to request: Request, _ route: Route) -> Response {
    switch route {
    case .find(let imdbID):
      guard let source = request.externalSource else { return .sourceMissing }
      guard source == "imdb_id" else { return .sourceInvalid }
      return Response(status: 200, segments: Catalogue.findSegments(catalogue.entry(imdbID: imdbID)))
    case .credits(let tmdbID): return credits(catalogue.creditsSegments(tmdbID: tmdbID), id: tmdbID)
    case .directCredits(let imdbID):
      let id = FilmNumber(imdbID: imdbID)?.tmdbID ?? 0
      return credits(catalogue.creditsSegments(imdbID: imdbID), id: id)
    case .invalidCredits: return .invalidID
    case .changes: return changes.response(to: request.changes)
    case .unknown, .statistics: return .unknownPath
    }
  }

  private func credits(_ segments: [Segment]?, id: Int) -> Response {
    segments.map { Response(status: 200, segments: $0) } ?? .notFound(id: id)
  }
}
