/// One request and its response, driven by libmicrohttpd's callbacks on the server's thread.
import CMicrohttpd
import Glibc

final class Exchange {
  let connection: OpaquePointer
  let id: UInt64
  /// Set when the server stops: the connection is closed without a response.
  var isAbandoned = false

  private unowned let loop: ServerLoop
  private let handler: any RequestHandler
  private var bodyBytes = 0

  private init(
    _ connection: OpaquePointer, _ id: UInt64, _ handler: any RequestHandler, _ loop: ServerLoop
  ) {
    self.connection = connection
    self.id = id
    self.handler = handler
    self.loop = loop
  }

  // The callbacks receive the loop as their first argument. The request's slot owns the exchange from the first
  // call of `handle` until `completed`.

  static let handle: MHD_AccessHandlerCallback = { loop, connection, path, method, _, _, uploadBytes, slot in
    guard let loop, let connection, let path, let method, let uploadBytes, let slot else { return .NO }
    if let known = slot.pointee {
      let exchange = Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
      guard uploadBytes.pointee > 0 else { return exchange.proceed() ? .YES : .NO }
      // The request's body is dropped.
      let isAllowed = exchange.receive(uploadBytes.pointee)
      uploadBytes.pointee = 0
      return isAllowed ? .YES : .NO
    }
    let server = Unmanaged<ServerLoop>.fromOpaque(loop).takeUnretainedValue()
    let id = server.nextID()
    let request = ServerRequest(
      connection, method: String(cString: method), path: String(cString: path),
      resumption: Resumption(inbox: server.inbox, id: id))
    let exchange = Exchange(connection, id, server.service.handler(for: request, at: server.now), server)
    slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
    if let limit = server.limits.bodyBytes, let size = request.header("Content-Length"),
      Int(size).map({ $0 > limit }) ?? true
    {
      return exchange.refuseBody() ? .YES : .NO
    }
    // Respond in the second call: libmicrohttpd closes the connection after a response in the first call.
    return .YES
  }

  static let completed: MHD_RequestCompletedCallback = { _, _, slot, _ in
    guard let slot, let known = slot.pointee else { return }
    Unmanaged<Exchange>.fromOpaque(known).release()
    slot.pointee = nil
  }

  static let connectionChanged: MHD_NotifyConnectionCallback = { loop, connection, _, change in
    guard let loop, let connection, !http_server_is_opening(change), let peer = ServerPeer(connection) else {
      return
    }
    Unmanaged<ServerLoop>.fromOpaque(loop).takeUnretainedValue().service.connectionClosed(peerPort: peer.port)
  }

  // Each step returns false to close the connection without a response.

  private func proceed() -> Bool {
    if isAbandoned { return false }
    switch handler.proceed(at: loop.now) {
    case .respond(let response): return response.queue(on: self, loop)
    case .wait(let due):
      loop.suspend(self, until: due)
      return true
    case .close: return false
    }
  }

  private func receive(_ bytes: Int) -> Bool {
    bodyBytes += bytes
    return loop.limits.bodyBytes.map { bodyBytes <= $0 } ?? true
  }

  private func refuseBody() -> Bool {
    ServerResponse(
      status: 413, headers: [("Content-Type", "text/plain; charset=utf-8")],
      body: .bytes(Array("The request's body is too large.\n".utf8))
    ).queue(on: self, loop)
  }
}
