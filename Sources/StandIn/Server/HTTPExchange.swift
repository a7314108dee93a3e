/// One request and its answer: what libmicrohttpd's callbacks work on, always on the loop's thread.
import CMicrohttpd
import Glibc

final class HTTPExchange {
  let connection: OpaquePointer
  /// Set when the server stops: the connection is closed without an answer.
  var isAbandoned = false

  private unowned let loop: EventLoop
  private let arrival: Duration
  private let wallMilliseconds: Int
  private let request: Request
  private let route: Route
  private var answer: Response?

  private init(_ connection: OpaquePointer, _ request: Request, _ loop: EventLoop) {
    self.connection = connection
    self.request = request
    self.loop = loop
    arrival = loop.now
    wallMilliseconds = Clock.wallMilliseconds()
    route = Route(path: request.path)
  }

  // The callbacks get the loop as their closure; the exchange hangs on the request's own slot, retained there
  // until `completed`.

  static let handle: MHD_AccessHandlerCallback = { loop, connection, path, method, _, _, uploadBytes, slot in
    guard let loop, let connection, let path, let method, let uploadBytes, let slot else { return .NO }
    if let known = slot.pointee {
      let exchange = Unmanaged<HTTPExchange>.fromOpaque(known).takeUnretainedValue()
      if uploadBytes.pointee > 0 {
        // A body is read and dropped.
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
    exchange.begin()
    // The answer waits for the second call: the library closes the connection after an answer in the first.
    return .YES
  }

  static let completed: MHD_RequestCompletedCallback = { _, _, slot, _ in
    guard let slot, let known = slot.pointee else { return }
    Unmanaged<HTTPExchange>.fromOpaque(known).takeRetainedValue().complete()
    slot.pointee = nil
  }

  static let connectionChanged: MHD_NotifyConnectionCallback = { loop, connection, _, change in
    guard let loop, let connection else { return }
    let state = Unmanaged<EventLoop>.fromOpaque(loop).takeUnretainedValue().state
    state.withCounters { counters in
      if standin_is_opening(change) {
        counters.statistics.connectionOpened()
      } else {
        counters.statistics.connectionClosed()
        if let peer = Peer(connection) { counters.responder.connectionClosed(peerPort: peer.port) }
      }
    }
  }

  private func begin() {
    guard !route.isControl else { return }
    let arrival = arrival
    loop.state.withCounters { $0.statistics.arrived(at: arrival) }
  }

  // The steps below return false when the connection is to be closed without an answer.

  private func proceed() -> Bool {
    if isAbandoned { return false }
    return answer.map(send) ?? decide()
  }

  private func decide() -> Bool {
    if route.isControl { return control() }
    let (request, route, now) = (request, route, loop.now)
    let (answer, sequence) = loop.state.withCounters { counters in
      (counters.responder.answer(to: request, route, at: now), UInt64(counters.statistics.requests))
    }
    self.answer = answer
    switch answer.delivery {
    case .close:
      note(status: 0, bytes: 0)
      return false
    case .hang:
      note(status: 0, bytes: 0)
      loop.suspend(self, until: nil)
      return true
    case .whole, .cut, .slow: break
    }
    let delay = loop.state.configuration.delay(of: sequence)
    guard delay > .zero else { return send(answer) }
    loop.suspend(self, until: arrival + delay)
    return true
  }

  private func send(_ answer: Response) -> Bool {
    let isCompressed = AcceptEncoding.takesGzip(connection)
    let body = isCompressed ? loop.composer.gzip(answer.segments) : loop.composer.plain(answer.segments)
    let sent = request.method == "HEAD" ? 0 : answer.delivery == .cut ? body.count / 2 : body.count
    note(status: answer.status, bytes: sent)
    return MHDResponse(body, of: answer, isCompressed: isCompressed, to: self, loop).queue(on: connection)
  }

  /// The stand-in's own routes.
  private func control() -> Bool {
    var answer = Response(status: 200, cacheControl: .none, segments: [])
    var body = Body(capacity: 1024)
    switch (route, request.method) {
    case (.statistics, "GET"):
      body.append(Array(loop.state.withCounters { $0.statistics }.json.utf8))
    case (.reset, "POST"):
      loop.state.reset()
      body.append("{}\n")
    default:
      answer.status = 405
      body.append("{}\n")
    }
    return MHDResponse(body, of: answer, isCompressed: false, to: self, loop).queue(on: connection)
  }

  private func note(status: Int, bytes: Int) {
    let name = route.name
    loop.state.withCounters { $0.statistics.answered(name, status: status, bytes: bytes) }
    guard loop.keepsRecords else { return }
    loop.record(
      RequestRecord(
        arrival: arrival, wallMilliseconds: wallMilliseconds, method: request.method, path: request.path,
        status: status, bodyBytes: bytes, peerPort: request.peerPort))
  }

  private func complete() {
    if !route.isControl { loop.state.withCounters { $0.statistics.completed() } }
  }
}

extension Request {
  /// - Parameter needsAddress: whether the client's address is to be written out.
  fileprivate init(
    _ connection: OpaquePointer, path: UnsafePointer<CChar>, method: UnsafePointer<CChar>, needsAddress: Bool
  ) {
    self.init(path: String(cString: path))
    self.method = String(cString: method)
    authorization = standin_header(connection, "Authorization")
      .map { String(cString: $0) }
    externalSource = standin_argument(connection, "external_source")
      .map { String(cString: $0) }
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
