/// A response: status, headers and body.
import CMicrohttpd
import Glibc

package struct ServerResponse {
  package enum Body {
    case bytes([UInt8])
    /// - Parameter bytes: the size to announce; nil sends a chunked body.
    case source(any BodySource, bytes: Int?)
  }

  let status: Int
  let headers: [(name: String, value: String)]
  let body: Body

  package init(status: Int, headers: [(name: String, value: String)], body: Body) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// - Returns: false if the response could not be queued; the caller then closes the connection.
  func queue(on exchange: Exchange, _ loop: ServerLoop) -> Bool {
    guard let handle = handle(exchange, loop) else { return false }
    defer { MHD_destroy_response(handle) }
    for header in headers { MHD_add_response_header(handle, header.name, header.value) }
    return MHD_queue_response(exchange.connection, UInt32(clamping: status), handle) == .YES
  }

  private func handle(_ exchange: Exchange, _ loop: ServerLoop) -> OpaquePointer? {
    switch body {
    case .bytes(let bytes): return Self.copying(bytes)
    case .source(let source, let count):
      let reader = Unmanaged.passRetained(BodyReader(source, exchange, loop))
      let handle = MHD_create_response_from_callback(
        count.map { UInt64($0) } ?? UInt64.max, 32 << 10, BodyReader.read, reader.toOpaque(),
        BodyReader.release)
      if handle == nil { reader.release() }
      return handle
    }
  }

  /// libmicrohttpd frees the copy.
  private static func copying(_ body: [UInt8]) -> OpaquePointer? {
    guard let copy = malloc(max(body.count, 1)) else { return nil }
    body.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { copy.copyMemory(from: start, byteCount: bytes.count) }
    }
    return http_server_response(copy, body.count)
  }
}

/// Delivers a body in parts.
package protocol BodySource: AnyObject {
  /// - Parameters:
  ///   - position: number of bytes that were delivered.
  ///   - now: time since the server's start.
  func read(from position: Int, into buffer: UnsafeMutableRawBufferPointer, at now: Duration) -> BodyPart
}

/// A part of a body.
package enum BodyPart {
  /// Number of bytes in the buffer, at least 1.
  case bytes(Int)
  /// Reads again at that time.
  case wait(until: Duration)
  case end
  /// Closes the connection.
  case abort
}

/// Passes the bytes of a `BodySource` to libmicrohttpd.
private final class BodyReader {
  private let source: any BodySource
  private let exchange: Exchange
  private unowned let loop: ServerLoop

  init(_ source: any BodySource, _ exchange: Exchange, _ loop: ServerLoop) {
    self.source = source
    self.exchange = exchange
    self.loop = loop
  }

  static let read: MHD_ContentReaderCallback = { reader, position, buffer, room in
    guard let reader, let buffer else { return -2 }
    return Unmanaged<BodyReader>.fromOpaque(reader).takeUnretainedValue()
      .read(from: Int(clamping: position), into: UnsafeMutableRawBufferPointer(start: buffer, count: room))
  }

  static let release: MHD_ContentReaderFreeCallback = { reader in
    if let reader { Unmanaged<BodyReader>.fromOpaque(reader).release() }
  }

  /// - Returns: the number of bytes written; 0 for "later", -1 at the end, -2 to close the connection.
  private func read(from position: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    if exchange.isAbandoned { return -2 }
    switch source.read(from: position, into: buffer, at: loop.now) {
    case .bytes(let count): return count
    case .wait(let due):
      loop.suspend(exchange, until: due)
      return 0
    case .end: return -1
    case .abort: return -2
    }
  }
}
