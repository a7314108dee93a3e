import CCurl

/// The HTTP client of a loop: HTTP/2 on one connection where the server speaks it, else kept-alive HTTP/1.1.
///
/// Redirects are not followed: none of the services behind it redirects, and a token must not travel.
///
/// Safety of `@unchecked Sendable`: touched by tasks of `loop` alone, which share its one thread.
package final class HTTPClient: @unchecked Sendable {
  static let connectTimeoutMilliseconds = 10_000
  /// Less costs time, since an answer of many pieces makes others on its connection wait; more costs memory.
  static let receiveBufferBytes = 16 << 10
  /// The pieces in which a streamed answer comes.
  static let streamBufferBytes = 256 << 10
  package let loop: EventLoop
  private let pool = TransferPool()
  /// Apart from the others: one that has sent a body keeps libcurl's 64 KB buffer for it, and few send at once.
  private let sendingPool = TransferPool()

  private let certificates: String
  private let receiveBufferBytes: Int
  /// Which of the connections to a server requests may share. A request that times out may have waited on a connection
  /// that leads nowhere any more, and libcurl would give it to the next one too: they go another way from then on.
  private var connectionGroup = 0

  /// - Parameter certificates: the file of authorities that servers are checked against; the system's where nil.
  package convenience init(loop: EventLoop, certificates: String? = nil) {
    self.init(loop: loop, certificates: certificates, receiveBufferBytes: Self.receiveBufferBytes)
  }

  /// - Parameter receiveBufferBytes: for each request that is on its way.
  init(loop: EventLoop, certificates: String?, receiveBufferBytes: Int) {
    self.loop = loop
    self.receiveBufferBytes = receiveBufferBytes
    self.certificates = certificates ?? CertificateBundle.path
  }

  /// Sends a request and takes the whole answer, of whatever status.
  /// - Throws: `HTTPError` when there is no whole answer within the request's limits.
  package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    try await perform(request, consumer: nil)
  }

  /// Sends a request and hands the answer's bytes over as they come; `consume` runs on the loop, and a slow one
  /// slows the sender. An answer of another status than 200 or 206 is not streamed: its body comes with the response.
  /// - Throws: `HTTPError`, or what `consume` throws, which ends the transfer.
  package func stream(
    _ request: HTTPRequest, consume: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) async throws -> HTTPResponse {
    try await perform(request, consumer: consume)
  }

  private func perform(_ request: HTTPRequest, consumer: Transfer.Consumer?) async throws -> HTTPResponse {
    precondition(loop.isCurrent, "an HTTP client belongs to the tasks of its loop")
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
      // Deferred by `execute`, so it comes after the transfer began even when the task was cancelled before.
      loop.execute {
        guard handle.transfer.generation == generation else { return }
        loop.multi.remove(handle.transfer)
        handle.transfer.finish(CURLE_ABORTED_BY_CALLBACK)
      }
    }
  }
}

/// Handles that wait for their next request.
private final class TransferPool {
  private static let transfersMax = 128

  private var transfers: [Transfer] = []

  func take(for multi: CurlMulti) throws(HTTPError) -> Transfer {
    guard let transfer = transfers.popLast() ?? Transfer(multi: multi) else {
      throw HTTPError.setUp("no memory for another transfer")
    }
    return transfer
  }

  func giveBack(_ transfer: Transfer) {
    transfer.recycle()
    if transfers.count < Self.transfersMax { transfers.append(transfer) }
  }
}

/// Carries a transfer into a cancellation handler.
///
/// Safety of `@unchecked Sendable`: opened in `EventLoop.execute` alone, on the thread that owns the transfer.
private struct UncheckedTransfer: @unchecked Sendable {
  let transfer: Transfer
}
