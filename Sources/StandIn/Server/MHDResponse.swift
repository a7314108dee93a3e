/// A libmicrohttpd response: the head of an answer, and its body by the way of delivery.
import CMicrohttpd
import Glibc

struct MHDResponse {
  private let status: UInt32
  /// Owned until it is queued.
  private let handle: OpaquePointer?

  /// - Parameter body: composed already; compressed if so said.
  init(
    _ body: consuming Body, of answer: Response, isCompressed: Bool, to exchange: HTTPExchange,
    _ loop: EventLoop
  ) {
    status = UInt32(clamping: answer.status)
    let count = body.count
    let isChunked = loop.state.configuration.isChunked
    if answer.delivery == .whole, !isChunked {
      handle = standin_response(body.release().baseAddress, count)
    } else {
      let reader = Unmanaged.passRetained(BodyReader(body, answer.delivery, exchange, loop))
      handle = MHD_create_response_from_callback(
        isChunked ? UInt64.max : UInt64(count), 32 << 10, BodyReader.read, reader.toOpaque(),
        BodyReader.release)
      if handle == nil { reader.release() }
    }
    addHeaders(answer, isCompressed: isCompressed)
  }

  /// - Returns: false when it could not be; the connection is then to be closed.
  consuming func queue(on connection: OpaquePointer) -> Bool {
    guard let handle else { return false }
    defer { MHD_destroy_response(handle) }
    return MHD_queue_response(connection, status, handle) == .YES
  }

  private func addHeaders(_ answer: Response, isCompressed: Bool) {
    switch answer.contentType {
    case .json: add("Content-Type", "application/json;charset=utf-8")
    case .html: add("Content-Type", "text/html")
    }
    switch answer.cacheControl {
    case .hours: add("Cache-Control", "public, max-age=25200")
    case .minutes: add("Cache-Control", "public, max-age=300")
    case .none: break
    }
    add("Server", "openresty")
    add("Vary", "Accept-Encoding,Origin")
    if isCompressed { add("Content-Encoding", "gzip") }
    if let tag = answer.entityTag { addEntityTag(tag) }
    if let seconds = answer.retryAfter, let handle {
      MHD_add_response_header(handle, "Retry-After", String(seconds))
    }
  }

  private func add(_ name: StaticString, _ value: StaticString) {
    // Literals end with a zero byte, as C wants it.
    name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1) { name in
      value.utf8Start.withMemoryRebound(to: CChar.self, capacity: value.utf8CodeUnitCount + 1) { value in
        if let handle { MHD_add_response_header(handle, name, value) }
      }
    }
  }

  /// `W/"` and 32 hexadecimal digits.
  private func addEntityTag(_ tag: UInt64) {
    guard let handle else { return }
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 37) { text in
      let words = [tag, DeterministicRandom.mix(tag)]
      for index in 0..<32 {
        let digit = CChar(words[index / 16] >> UInt64(index % 16 * 4) & 15)
        text[3 + index] = digit < 10 ? 0x30 + digit : 0x57 + digit
      }
      (text[0], text[1], text[2], text[35], text[36]) = (0x57, 0x2f, 0x22, 0x22, 0)
      if let text = text.baseAddress { MHD_add_response_header(handle, "ETag", text) }
    }
  }
}
