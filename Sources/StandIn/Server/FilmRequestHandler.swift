/// Responds to one request as TMDB does, with the configured latency and faults.
import HTTPServer

final class FilmRequestHandler: RequestHandler {
  private unowned let service: StandInService
  private let arrival: Duration
  private let wallMilliseconds: Int
  private let request: Request
  private let route: Route
  private let acceptsGzip: Bool
  private var response: Response?

  init(_ request: ServerRequest, _ service: StandInService, at now: Duration) {
    let scope = service.state.configuration.limitScope
    self.request = Request(request, needsAddress: scope == .address || scope == .connection)
    self.service = service
    arrival = now
    wallMilliseconds = Clock.wallMilliseconds()
    route = Route(path: request.path)
    acceptsGzip = FilmRequestHandler.acceptsGzip(request)
  }

  func proceed(at now: Duration) -> ServerAction { response.map { send($0, at: now) } ?? decide(at: now) }

  private func decide(at now: Duration) -> ServerAction {
    if route == .statistics { return statistics(at: now) }
    let (request, route, arrival) = (request, route, arrival)
    let response = service.state.withCounters { counters in
      counters.statistics.arrived(at: arrival)
      return counters.responder.response(to: request, route, at: now)
    }
    self.response = response
    switch response.delivery {
    case .close:
      record(status: 0, bytes: 0)
      return .close
    case .hang:
      record(status: 0, bytes: 0)
      return .wait(until: nil)
    case .whole, .cut, .slow: break
    }
    let latency = service.state.configuration.latency
    return latency > .zero ? .wait(until: arrival + latency) : send(response, at: now)
  }

  private func send(_ response: Response, at now: Duration) -> ServerAction {
    let body =
      acceptsGzip ? service.composer.gzip(response.segments) : Catalogue.bytes(response.segments)
    let sent = request.method == "HEAD" ? 0 : response.delivery == .cut ? body.count / 2 : body.count
    record(status: response.status, bytes: sent)
    return .respond(serverResponse(response, body, isCompressed: acceptsGzip, at: now))
  }

  private func statistics(at now: Duration) -> ServerAction {
    let body = service.state.withCounters { $0.statistics.json }
    return .respond(
      serverResponse(Response(status: 200, segments: []), Array(body.utf8), isCompressed: false, at: now))
  }

  /// - Parameter body: the composed body, compressed if `isCompressed`.
  private func serverResponse(
    _ response: Response, _ body: [UInt8], isCompressed: Bool, at now: Duration
  ) -> ServerResponse {
    var headers = [
      ("Content-Type", response.contentType == .json ? "application/json;charset=utf-8" : "text/html"),
      ("Server", "openresty"), ("Vary", "Accept-Encoding,Origin"),
    ]
    if isCompressed { headers.append(("Content-Encoding", "gzip")) }
    if let seconds = response.retryAfter { headers.append(("Retry-After", String(seconds))) }
    let isChunked = service.state.configuration.isChunked
    return ServerResponse(
      status: response.status, headers: headers,
      body: response.delivery == .whole && !isChunked
        ? .bytes(body)
        : .source(FaultyBody(body, response.delivery, at: now), bytes: isChunked ? nil : body.count))
  }

  /// Whether Accept-Encoding names gzip. Weights are ignored: no client here sends `gzip;q=0`.
  private static func acceptsGzip(_ request: ServerRequest) -> Bool {
    guard let header = request.header("Accept-Encoding") else { return false }
    return header.lowercased().split(separator: ",").contains { coding in
      coding.prefix { $0 != ";" }.filter { $0 != " " } == "gzip"
    }
  }

  private func record(status: Int, bytes: Int) {
    let name = route.name
    service.state.withCounters { $0.statistics.responded(name, status: status) }
    guard service.keepsRecords else { return }
    service.record(
      RequestRecord(
        arrival: arrival, wallMilliseconds: wallMilliseconds, method: request.method, path: request.path,
        status: status, bodyBytes: bytes, peerPort: request.peerPort))
  }
}

extension Request {
  /// - Parameter needsAddress: whether to format the client's address.
  fileprivate init(_ request: ServerRequest, needsAddress: Bool) {
    self.init(path: request.path)
    method = request.method
    authorization = request.header("Authorization")
    externalSource = request.argument("external_source")
    if path == ChangeList.path {
      changes = ChangesQuery(
        startDate: request.argument("start_date"), endDate: request.argument("end_date"),
        page: request.argument("page"))
    }
    guard let peer = request.peer else { return }
    peerPort = peer.port
    if needsAddress { address = peer.addressText }
  }
}
