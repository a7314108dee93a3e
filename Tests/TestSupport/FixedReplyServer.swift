import Foundation

/// A TCP server that sends a fixed reply to the first bytes of each connection and then closes its sending side.
public final class FixedReplyServer: Sendable {
  public let port: Int
  private let listener: Int32
  private let reply: [UInt8]

  public init(reply: [UInt8]) throws {
    (listener, port) = try Loopback.listen()
    self.reply = reply
    Thread { [self] in serve() }.start()
  }

  public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      var buffer = [UInt8](repeating: 0, count: 256)
      if recv(connection, &buffer, buffer.count, 0) > 0 {
        send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
      }
      shutdown(connection, Int32(SHUT_WR))
      _ = recv(connection, &buffer, buffer.count, 0)
      close(connection)
    }
    close(listener)
  }
}
