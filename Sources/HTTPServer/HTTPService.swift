/// Responds to the requests that a server receives. Every call comes from the server's thread.
package protocol HTTPService: AnyObject {
  /// The head of a request has arrived.
  /// - Parameter now: time since the server's start, as in all calls.
  func handler(for request: ServerRequest, at now: Duration) -> any RequestHandler

  /// A connection was closed.
  /// - Parameter peerPort: the client's port.
  func connectionClosed(peerPort: UInt16)

  /// The server has done what there was to do and is about to wait.
  /// - Returns: the time of the next call at the latest; nil for none.
  func turnEnded(at now: Duration) -> Duration?

  /// All connections are closed, and no call follows.
  func stopped()
}

extension HTTPService {
  package func connectionClosed(peerPort: UInt16) {}
  package func turnEnded(at now: Duration) -> Duration? { nil }
  package func stopped() {}
}

/// Responds to one request.
package protocol RequestHandler: AnyObject {
  /// The whole request has arrived, or the time for which the handler waits is over.
  func proceed(at now: Duration) -> ServerAction
}

/// What a server does with a request.
package enum ServerAction {
  case respond(ServerResponse)
  /// Calls the handler again at that time; nil waits for `Resumption.resume`.
  case wait(until: Duration?)
  /// Closes the connection without a response.
  case close
}

/// Continues a request that waits. May be used on any thread.
package struct Resumption: Sendable {
  let inbox: ServerInbox
  let id: UInt64

  /// Makes the server call the request's handler again. Without effect if the request does not wait.
  package func resume() { inbox.resume(id) }
}
