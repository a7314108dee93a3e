import Foundation

/// A TCP server that answers the first bytes of each connection with the same bytes, and then says no more.
public final class Greeter: Sendable {
  public let port: Int
  private let listener: Int32
  private let answer: [UInt8]

  public init(answer: [UInt8]) throws {
    (listener, port) = try Loopback.listen()
    self.answer = answer
    Thread { [self] in serve() }.start()
  }

  public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      var buffer = [UInt8](repeating: 0, count: 256)
      if recv(connection, &buffer, buffer.count, 0) > 0 {
        send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
      }
      shutdown(connection, Int32(SHUT_WR))
      _ = recv(connection, &buffer, buffer.count, 0)
      close(connection)
    }
    close(listener)
  }
}
