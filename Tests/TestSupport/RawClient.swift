/// An HTTP/1.1 client on a blocking socket, so that tests see the raw bytes of a response.
import Foundation
import Glibc

public struct RawResponse: Sendable {
  public var status: Int
  /// The names are in lower case.
  public var headers: [String: String]
  public var body: [UInt8]

  public var text: String { String(decoding: body, as: UTF8.self) }

  public func json() throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:]
  }
}

public struct ClientError: Error, CustomStringConvertible {
  public var description: String

  public init(description: String) { self.description = description }
}

/// One connection. A read waits at most ten seconds, so that a test fails instead of hanging.
public final class RawConnection {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// - Parameter ownPort: the client's port, even if an earlier connection used it; 0 lets the system choose.
  public init(port: UInt16, ownPort: UInt16 = 0) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    let isOpen =
      Self.with(ownPort) { bind(descriptor, $0, $1) } == 0
      && Self.with(port) { connect(descriptor, $0, $1) } == 0
    guard isOpen else { throw ClientError(description: "connect: \(String(cString: strerror(errno)))") }
  }

  /// Calls `body` with the address of a port on 127.0.0.1.
  private static func with(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  deinit { close(descriptor) }

  public func send(_ request: String) {
    let bytes = Array(request.utf8)
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// Receives until the server closes the connection.
  public func receiveAll() -> [UInt8] {
    while receive() {}
    return buffer
  }

  /// Receives one response that has a Content-Length. If the body ends early, returns the part received and adds the
  /// header `x-cut`.
  public func response(hasBody: Bool = true) throws -> RawResponse {
    var end: Range<Int>?
    repeat { end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) } while end == nil && receive()
    guard let end else { throw ClientError(description: "no response; received \(buffer.count) bytes") }
    var response = try RawConnection.head(String(decoding: buffer[..<end.lowerBound], as: UTF8.self))
    buffer.removeSubrange(..<end.upperBound)
    guard hasBody else { return response }
    guard let length = response.headers["content-length"].flatMap(Int.init) else {
      throw ClientError(description: "a response without Content-Length")
    }
    while buffer.count < length, receive() {}
    if buffer.count < length { response.headers["x-cut"] = "yes" }
    response.body = Array(buffer.prefix(length))
    buffer.removeFirst(response.body.count)
    return response
  }

  private func receive() -> Bool {
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer += piece.prefix(count)
    return true
  }

  private static func head(_ text: String) throws -> RawResponse {
    var lines = text.components(separatedBy: "\r\n")
    let status = lines.removeFirst().split(separator: " ")
    guard status.count >= 2, status[0] == "HTTP/1.1", let code = Int(status[1]) else {
      throw ClientError(description: "invalid status line: \(text)")
    }
    var headers: [String: String] = [:]
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    return RawResponse(status: code, headers: headers, body: [])
  }
}
