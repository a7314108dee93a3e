import CCurl

/// An HTTP client on an event loop. It uses HTTP/2 on one connection if the server supports it over TLS, and HTTP/1.1
/// with keep-alive otherwise.
///
/// It does not follow redirects: none of the services it calls redirects, and a token must not be sent to another host.
///
/// Safety of `@unchecked Sendable`: used only by tasks of `loop`, which all run on its one thread.
package final class HTTPClient: @unchecked Sendable {
  static let connectTimeoutMilliseconds = 10_000
  /// Receive buffer of each request in flight. A smaller one costs time, because a response that arrives in many chunks
  /// delays the others on its connection. A larger one costs memory.
  static let receiveBufferBytes = 16 << 10
  /// Receive buffer of a request whose response is streamed.
  static let streamBufferBytes = 256 << 10
  package let loop: EventLoop
  private let pool = TransferPool()
  /// Handles for requests with a body, in a separate pool: once a handle has sent a body, it keeps libcurl's 64 KB
  /// upload buffer, and few requests with a body are in flight at the same time.
  private let sendingPool = TransferPool()

  private let certificates: String
  private let receiveBufferBytes: Int
  /// Requests share connections only with requests of the same group. A request may time out because its connection is
  /// dead, and libcurl would reuse that connection for the next request. So each timeout starts a new group.
  private var connectionGroup = 0

  /// - Parameter certificates: the path of the file with the trusted certificate authorities; nil for the system's.
  package convenience init(loop: EventLoop, certificates: String? = nil) {
    self.init(loop: loop, certificates: certificates, receiveBufferBytes: Self.receiveBufferBytes)
  }

  /// - Parameter receiveBufferBytes: the size of the buffer of each request in flight.
  init(loop: EventLoop, certificates: String?, receiveBufferBytes: Int) {
    self.loop = loop
    self.receiveBufferBytes = receiveBufferBytes
    self.certificates = certificates ?? CertificateBundle.path
  }

  /// Sends a request and returns the complete response, whatever its status.
  /// - Throws: `HTTPError` if no complete response arrives within the request's limits.
  package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    try await perform(request, consumer: nil)
  }

  /// Sends a request and passes the bytes of the response body to `consume` as they arrive.
  ///
  /// `consume` runs on the loop; if it is slow, the sender slows down too. Only the body of a 200 or a 206 is streamed.
  /// For any other status, the body is part of the returned response.
  /// - Throws: `HTTPError`, or any error that `consume` throws, which also ends the transfer.
  package func stream(
    _ request: HTTPRequest, consume: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) async throws -> HTTPResponse {
    try await perform(request, consumer: consume)
  }

  private func perform(_ request: HTTPRequest, consumer: Transfer.Consumer?) async throws -> HTTPResponse {
    precondition(loop.isCurrent, "an HTTP client must be used from a task of its loop")
    let pool = request.body.count > 0 ? sendingPool : pool
    let transfer = try pool.take(for: loop.multi)
    defer { pool.giveBack(transfer) }
    let group = connectionGroup
    try transfer.prepare(
      request, certificates: certificates, connectionGroup: group,
      receiveBufferBytes: consumer == nil ? receiveBufferBytes : Self.streamBufferBytes, consumer: consumer)
    let code = await run(transfer)
    if code == CURLE_OPERATION_TIMEDOUT, group == connectionGroup { connectionGroup += 1 }
    return try transfer.outcome(code, request)
  }

  private func run(_ transfer: Transfer) async -> CURLcode {
    let (loop, generation) = (self.loop, transfer.generation)
    let handle = UncheckedTransfer(transfer: transfer)
    return await withTaskCancellationHandler {
      await transfer.run { loop.multi.add(transfer) }
    } onCancel: {
      // `execute` defers the closure, so it runs after the transfer has started even if the task was cancelled earlier.
      loop.execute {
        guard handle.transfer.generation == generation else { return }
        loop.multi.remove(handle.transfer)
        handle.transfer.finish(CURLE_ABORTED_BY_CALLBACK)
      }
    }
  }
}

/// A pool of idle transfers, which keep their easy handles and buffers for the next request.
private final class TransferPool {
  private static let transfersMax = 128

  private var transfers: [Transfer] = []

  func take(for multi: CurlMulti) throws(HTTPError) -> Transfer {
    guard let transfer = transfers.popLast() ?? Transfer(multi: multi) else {
      throw HTTPError.setUp("no memory for another easy handle")
    }
    return transfer
  }

  func giveBack(_ transfer: Transfer) {
    transfer.recycle()
    if transfers.count < Self.transfersMax { transfers.append(transfer) }
  }
}

/// Passes a transfer to a cancellation handler.
///
/// Safety of `@unchecked Sendable`: the transfer is used only inside `EventLoop.execute`, on the thread that owns it.
private struct UncheckedTransfer: @unchecked Sendable {
  let transfer: Transfer
}
