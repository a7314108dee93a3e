import Foundation
import Synchronization

/// An HTTP/1.1 server that sends scripted bytes, valid HTTP or not, to every connection and records the requests.
public final class ScriptedServer: Sendable {
  /// What the server does on a connection after it has received a whole request.
  public enum Script: Sendable {
    /// Sends the bytes and closes.
    case respond([UInt8])
    /// Sends nothing and keeps the connection open.
    case stayOpen
    /// Follows the script that the closure returns for the request (headers and body).
    indirect case choose(@Sendable (_ request: String) -> Script)

    /// A response with a text body, usually JSON.
    public static func json(_ body: String, status: Int = 200, headers: String = "") -> Script {
      .respond(
        Array("HTTP/1.1 \(status) X\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
    }
  }

  public let port: Int
  private let listener: Int32
  private let script: Script
  private let state = Mutex((requests: [[UInt8]](), open: [Int32](), isStopped: false))

  public init(_ script: Script) throws {
    (listener, port) = try Loopback.listen()
    self.script = script
    Thread { [self] in accept() }.start()
  }

  public convenience init(_ response: String) throws { try self.init(.respond(Array(response.utf8))) }

  public var url: String { "http://127.0.0.1:\(port)" }

  /// Requests (headers and body) in the order of their arrival.
  public var requests: [[UInt8]] { state.withLock { $0.requests } }

  public func stop() {
    let open = state.withLock { state in
      state.isStopped = true
      return state.open
    }
    shutdown(listener, Int32(SHUT_RDWR))
    for connection in open { shutdown(connection, Int32(SHUT_RDWR)) }
  }

  private func accept() {
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      guard connection >= 0 else { break }
      state.withLock { $0.open.append(connection) }
      Thread { [self] in serve(connection) }.start()
    }
    close(listener)
  }

  private func serve(_ connection: Int32) {
    guard let request = Self.readRequest(connection) else { return }
    state.withLock { $0.requests.append(request) }
    var script = script
    while case .choose(let chosen) = script { script = chosen(String(decoding: request, as: UTF8.self)) }
    guard case .respond(let bytes) = script else { return }
    _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    shutdown(connection, Int32(SHUT_RDWR))
  }

  private static func readRequest(_ connection: Int32) -> [UInt8]? {
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      if let end = headerEnd(request), request.count >= end + contentLength(request[..<end]) {
        return request
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      request += buffer[..<count]
    }
  }

  private static func headerEnd(_ bytes: [UInt8]) -> Int? {
    Data(bytes).range(of: Data("\r\n\r\n".utf8))?.upperBound
  }

  private static func contentLength(_ head: ArraySlice<UInt8>) -> Int {
    let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
    let line = lines.first { $0.lowercased().hasPrefix("content-length:") }
    return line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
  }
}
