/// One request and its response, driven by libmicrohttpd's callbacks on the event loop's thread.
import CMicrohttpd
import Glibc

final class HTTPExchange {
  let connection: OpaquePointer
  /// Set when the server stops: the connection is closed without a response.
  var isAbandoned = false

  private unowned let loop: EventLoop
  private let arrival: Duration
  private let wallMilliseconds: Int
  private let request: Request
  private let route: Route
  private var response: Response?

  private init(_ connection: OpaquePointer, _ request: Request, _ loop: EventLoop) {
    self.connection = connection
    self.request = request
    self.loop = loop
    arrival = loop.now
    wallMilliseconds = Clock.wallMilliseconds()
    route = Route(path: request.path)
  }

  // The callbacks receive the loop as their first argument. The request's slot owns the exchange from the first
  // call of `handle` until `completed`.

  static let handle: MHD_AccessHandlerCallback = { loop, connection, path, method, _, _, uploadBytes, slot in
    guard let loop, let connection, let path, let method, let uploadBytes, let slot else { return .NO }
    if let known = slot.pointee {
      let exchange = Unmanaged<HTTPExchange>.fromOpaque(known).takeUnretainedValue()
      if uploadBytes.pointee > 0 {
        // The request's body is ignored.
        uploadBytes.pointee = 0
        return .YES
      }
      return exchange.proceed() ? .YES : .NO
    }
    let owner = Unmanaged<EventLoop>.fromOpaque(loop).takeUnretainedValue()
    let scope = owner.state.configuration.limitScope
    let needsAddress = scope == .address || scope == .connection
    let request = Request(connection, path: path, method: method, needsAddress: needsAddress)
    let exchange = HTTPExchange(connection, request, owner)
    slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
    // Respond in the second call: libmicrohttpd closes the connection after a response in the first call.
    return .YES
  }

  static let completed: MHD_RequestCompletedCallback = { _, _, slot, _ in
    guard let slot, let known = slot.pointee else { return }
    Unmanaged<HTTPExchange>.fromOpaque(known).release()
    slot.pointee = nil
  }

  static let connectionChanged: MHD_NotifyConnectionCallback = { loop, connection, _, change in
    guard let loop, let connection, !standin_is_opening(change), let peer = Peer(connection) else { return }
    let state = Unmanaged<EventLoop>.fromOpaque(loop).takeUnretainedValue().state
    state.withCounters { $0.responder.connectionClosed(peerPort: peer.port) }
  }

  // Each step returns false to close the connection without a response.

  private func proceed() -> Bool {
    if isAbandoned { return false }
    return response.map(send) ?? decide()
  }

  private func decide() -> Bool {
    if route == .statistics { return sendStatistics() }
    let (request, route, arrival, now) = (request, route, arrival, loop.now)
    let response = loop.state.withCounters { counters in
      counters.statistics.arrived(at: arrival)
      return counters.responder.response(to: request, route, at: now)
    }
    self.response = response
    switch response.delivery {
    case .close:
      record(status: 0, bytes: 0)
      return false
    case .hang:
      record(status: 0, bytes: 0)
      loop.suspend(self, until: nil)
      return true
    case .whole, .cut, .slow: break
    }
    let latency = loop.state.configuration.latency
    guard latency > .zero else { return send(response) }
    loop.suspend(self, until: arrival + latency)
    return true
  }

  private func send(_ response: Response) -> Bool {
    let isCompressed = acceptsGzip
    let body =
      isCompressed ? loop.composer.gzip(response.segments) : Catalogue.bytes(response.segments)
    let sent = request.method == "HEAD" ? 0 : response.delivery == .cut ? body.count / 2 : body.count
    record(status: response.status, bytes: sent)
    return MHDResponse(body, of: response, isCompressed: isCompressed, to: self, loop).queue(on: connection)
  }

  private func sendStatistics() -> Bool {
    let body = loop.state.withCounters { $0.statistics.json }
    return MHDResponse(
      Array(body.utf8), of: Response(status: 200, segments: []), isCompressed: false, to: self, loop
    ).queue(on: connection)
  }

  /// Whether Accept-Encoding names gzip. Weights are ignored: no client here sends `gzip;q=0`.
  private var acceptsGzip: Bool {
    guard let header = standin_header(connection, "Accept-Encoding") else { return false }
    return String(cString: header).lowercased().split(separator: ",").contains { coding in
      coding.prefix { $0 != ";" }.filter { $0 != " " } == "gzip"
    }
  }

  private func record(status: Int, bytes: Int) {
    let name = route.name
    loop.state.withCounters { $0.statistics.responded(name, status: status) }
    guard loop.keepsRecords else { return }
    loop.record(
      RequestRecord(
        arrival: arrival, wallMilliseconds: wallMilliseconds, method: request.method, path: request.path,
        status: status, bodyBytes: bytes, peerPort: request.peerPort))
  }
}

extension Request {
  /// - Parameter needsAddress: whether to format the client's address.
  fileprivate init(
    _ connection: OpaquePointer, path: UnsafePointer<CChar>, method: UnsafePointer<CChar>, needsAddress: Bool
  ) {
    self.init(path: String(cString: path))
    self.method = String(cString: method)
    authorization = standin_header(connection, "Authorization")
      .map { String(cString: $0) }
    externalSource = standin_argument(connection, "external_source")
      .map { String(cString: $0) }
    if self.path == ChangeList.path {
      func argument(_ name: String) -> String? {
        standin_argument(connection, name).map { String(cString: $0) }
      }
      changes = ChangesQuery(
        startDate: argument("start_date"), endDate: argument("end_date"), page: argument("page"))
    }
    guard let peer = Peer(connection) else { return }
    peerPort = peer.port
    if needsAddress { address = peer.text }
  }
}

/// The client's end of a connection.
private struct Peer {
  let port: UInt16
  private let address: in_addr

  init?(_ connection: OpaquePointer) {
    guard let peer = standin_peer(connection), peer.pointee.sa_family == AF_INET else { return nil }
    (port, address) = peer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      (UInt16(bigEndian: $0.pointee.sin_port), $0.pointee.sin_addr)
    }
  }

  var text: String { String(cString: inet_ntoa(address)) }
}
