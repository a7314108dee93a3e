/// A plain HTTP/1.1 client on a blocking socket, so that tests see the bytes as they came.
import Foundation
import Glibc

struct RawAnswer {
  var status: Int
  /// Names in lower case.
  var headers: [String: String]
  var body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }

  func json() throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:]
  }
}

struct ClientError: Error, CustomStringConvertible {
  var description: String
}

/// One connection. Reads wait ten seconds at most, so that a fault ends a test and does not hang it.
final class RawConnection {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// - Parameter ownPort: the port of this end, which may have been another connection's; 0 takes any.
  init(port: UInt16, ownPort: UInt16 = 0) throws {
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

  /// Calls `body` with the address of a port of the loopback.
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

  func send(_ request: String) {
    let bytes = Array(request.utf8)
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// Everything until the other side closes.
  func receiveAll() -> [UInt8] {
    while receive() {}
    return buffer
  }

  /// One answer that says its length. A body that ends early is given as far as it came, and marked by the
  /// header `x-cut`.
  func answer(hasBody: Bool = true) throws -> RawAnswer {
    var end: Range<Int>?
    repeat { end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) } while end == nil && receive()
    guard let end else { throw ClientError(description: "no answer; \(buffer.count) bytes came") }
    var answer = try RawConnection.head(String(decoding: buffer[..<end.lowerBound], as: UTF8.self))
    buffer.removeSubrange(..<end.upperBound)
    guard hasBody else { return answer }
    guard let length = answer.headers["content-length"].flatMap(Int.init) else {
      throw ClientError(description: "an answer without Content-Length")
    }
    while buffer.count < length, receive() {}
    if buffer.count < length { answer.headers["x-cut"] = "yes" }
    answer.body = Array(buffer.prefix(length))
    buffer.removeFirst(answer.body.count)
    return answer
  }

  private func receive() -> Bool {
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer += piece.prefix(count)
    return true
  }

  private static func head(_ text: String) throws -> RawAnswer {
    var lines = text.components(separatedBy: "\r\n")
    let status = lines.removeFirst().split(separator: " ")
    guard status.count >= 2, status[0] == "HTTP/1.1", let code = Int(status[1]) else {
      throw ClientError(description: "not a status line: \(text)")
    }
    var headers: [String: String] = [:]
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    return RawAnswer(status: code, headers: headers, body: [])
  }
}

/// The text of a request, with a token unless told otherwise.
func request(
  _ path: String, method: String = "GET", token: String? = "secret", _ headers: String...
) -> String {
  let authorization = token.map { ["Authorization: Bearer \($0)"] } ?? []
  return (["\(method) \(path) HTTP/1.1", "Host: standin"] + authorization + headers + ["", ""])
    .joined(separator: "\r\n")
}

/// One request on a connection of its own.
func ask(_ port: UInt16, _ path: String, method: String = "GET", token: String? = "secret") throws
  -> RawAnswer
{
  let connection = try RawConnection(port: port)
  connection.send(request(path, method: method, token: token))
  return try connection.answer()
}
