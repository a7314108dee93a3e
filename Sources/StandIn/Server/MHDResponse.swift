/// A libmicrohttpd response: status, headers and body.
import CMicrohttpd
import Glibc

struct MHDResponse {
  private let status: UInt32
  /// Released by `queue`.
  private let handle: OpaquePointer?

  /// - Parameter body: the composed body, compressed if `isCompressed`.
  init(
    _ body: [UInt8], of response: Response, isCompressed: Bool, to exchange: HTTPExchange, _ loop: EventLoop
  ) {
    status = UInt32(clamping: response.status)
    let isChunked = loop.state.configuration.isChunked
    if response.delivery == .whole, !isChunked {
      handle = MHDResponse.copying(body)
    } else {
      let reader = Unmanaged.passRetained(BodyReader(body, response.delivery, exchange, loop))
      handle = MHD_create_response_from_callback(
        isChunked ? UInt64.max : UInt64(body.count), 32 << 10, BodyReader.read, reader.toOpaque(),
        BodyReader.release)
      if handle == nil { reader.release() }
    }
    switch response.contentType {
    case .json: add("Content-Type", "application/json;charset=utf-8")
    case .html: add("Content-Type", "text/html")
    }
    add("Server", "openresty")
    add("Vary", "Accept-Encoding,Origin")
    if isCompressed { add("Content-Encoding", "gzip") }
    if let seconds = response.retryAfter { add("Retry-After", String(seconds)) }
  }

  /// - Returns: false if the response could not be queued; the caller then closes the connection.
  consuming func queue(on connection: OpaquePointer) -> Bool {
    guard let handle else { return false }
    defer { MHD_destroy_response(handle) }
    return MHD_queue_response(connection, status, handle) == .YES
  }

  private func add(_ name: String, _ value: String) {
    if let handle { MHD_add_response_header(handle, name, value) }
  }

  /// libmicrohttpd frees the copy.
  private static func copying(_ body: [UInt8]) -> OpaquePointer? {
    guard let copy = malloc(max(body.count, 1)) else { return nil }
    body.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { copy.copyMemory(from: start, byteCount: bytes.count) }
    }
    return standin_response(copy, body.count)
  }
}
