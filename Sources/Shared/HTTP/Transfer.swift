import CCurl
import Glibc

/// One request in flight. Owns the easy handle, the buffers that libcurl's callbacks use, and the waiting task's
/// continuation.
///
/// Transfers are pooled and reused together with their buffers. A transfer is used only on its loop's thread.
final class Transfer {
  /// Receives the bytes of the response as they arrive. An error that it throws ends the transfer.
  typealias Consumer = (UnsafeRawBufferPointer) throws -> Void

  /// The options that many requests share. URL, headers, lengths and timeouts are set for each request.
  private struct Options: Equatable {
    let method: HTTPRequest.Method
    let isSecure: Bool
    let acceptsCompression: Bool
    let receiveBufferBytes: Int
    let certificates: String
    let connectionGroup: Int
  }

  /// A transfer that returns to the pool frees its receive buffer if it is larger than this.
  private static let pooledBufferBytesMax = 64 << 10
  /// Maximum number of bytes reserved in advance because of a Content-Length header.
  private static let reservedBytesMax = 1 << 20
  /// Maximum number of requests per easy handle. libcurl counts dead connections over the life of a handle and gives up
  /// a request at the sixth (7.88.1, transfer.c).
  private static let usesMax = 16

  private(set) var easy: UnsafeMutableRawPointer
  private unowned let multi: CurlMulti
  /// The options that the handle is set up with; nil if the handle must be replaced before its next use.
  private var options: Options?
  private var uses = 0
  /// The headers in `headerList`; nil if that is unknown.
  private var headers: [HTTPHeader]?
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let errorBuffer: UnsafeMutablePointer<CChar>

  /// The response body, unless it is streamed.
  private var received: [UInt8] = []
  private var receivedBytes = 0
  private var bodyBytesMax = 0
  private var consumer: Consumer?
  private var consumerError: (any Error)?

  private var requestBody = HTTPBody.empty
  /// The position in `requestBody` of the next byte to send: a piece and an offset in it.
  private var pieceIndex = 0
  private var pieceOffset = 0

  private var continuation: UnsafeContinuation<CURLcode, Never>?
  /// Counts the requests, so that a late cancellation cannot end the next request of this transfer.
  private(set) var generation: UInt64 = 0

  /// Returns nil if libcurl cannot allocate an easy handle.
  /// - Parameter multi: the multi handle that will run the transfer. It must outlive the transfer.
  init?(multi: CurlMulti) {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = easy
    self.multi = multi
    errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerList)
    errorBuffer.deallocate()
  }

  /// Sets up the handle for a request.
  /// - Parameter connectionGroup: only requests of the same group share connections. Groups are counted modulo 4, so a
  ///   group shares none with the three groups before it and the three after it.
  func prepare(
    _ request: HTTPRequest, certificates: String, connectionGroup: Int, receiveBufferBytes: Int,
    consumer: Consumer?
  ) throws(HTTPError) {
    errorBuffer[0] = 0
    received.removeAll(keepingCapacity: true)
    receivedBytes = 0
    bodyBytesMax = request.bodyBytesMax
    self.consumer = consumer
    consumerError = nil
    requestBody = request.body
    (pieceIndex, pieceOffset) = (0, 0)
    let options = Options(
      method: request.method, isSecure: request.url.utf8.starts(with: "https".utf8),
      acceptsCompression: request.acceptsCompression, receiveBufferBytes: receiveBufferBytes,
      certificates: certificates, connectionGroup: connectionGroup)
    let isReusable = options == self.options && uses < Self.usesMax
    var codes = isReusable ? [] : try renew(options)
    uses += 1
    // Nil until every option is set, so that a failure makes the next request replace the handle.
    self.options = nil
    try setHeaders(request)
    codes.append(curl_set_string(easy, CURLOPT_URL, request.url))
    codes.append(curl_set_headers(easy, headerList))
    codes.append(curl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(request.body.count)))
    codes.append(curl_set_long(easy, CURLOPT_TIMEOUT_MS, request.timeout?.wholeMilliseconds ?? 0))
    let stallSeconds = request.stallTimeout.map { max(1, $0.wholeMilliseconds / 1000) } ?? 0
    codes.append(curl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, stallSeconds > 0 ? 1 : 0))
    codes.append(curl_set_long(easy, CURLOPT_LOW_SPEED_TIME, stallSeconds))
    guard codes.allSatisfy({ $0 == CURLE_OK }) else {
      throw HTTPError.setUp("libcurl rejected an option for \(request.target)")
    }
    self.options = options
  }

  /// Suspends the task until `finish` is called.
  /// - Parameter start: adds the transfer to the multi handle; returns false if that fails.
  func run(start: () -> Bool) async -> CURLcode {
    await withUnsafeContinuation { continuation in
      self.continuation = continuation
      if !start() { finish(CURLE_FAILED_INIT) }
    }
  }

  /// Resumes the waiting task. A second call has no effect.
  func finish(_ code: CURLcode) {
    guard let waiting = continuation else { return }
    continuation = nil
    generation += 1
    waiting.resume(returning: code)
  }

  /// Returns the response of the ended transfer. Call it once, before the handle is used again.
  /// - Throws: the consumer's error, or `HTTPError` if the transfer failed.
  func outcome(_ code: CURLcode, _ request: HTTPRequest) throws -> HTTPResponse {
    if let consumerError {
      options = nil
      throw consumerError
    }
    guard code == CURLE_OK else {
      options = nil
      throw error(code, request)
    }
    var status = 0
    curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    let headers = request.wantsHeaders || status != 200 ? responseHeaders() : []
    return HTTPResponse(status: status, headers: headers, body: takeReceived())
  }

  /// Returns the body without wasting memory. If the receive buffer is hardly larger than the body, it returns the
  /// buffer itself. Otherwise it returns a copy of the body's size, and the transfer keeps the buffer.
  private func takeReceived() -> [UInt8] {
    guard received.capacity - received.count <= received.count / 16 else { return received[...].exactCopy }
    defer { received = [] }
    return received
  }

  /// Releases everything that belongs to the request, before the transfer returns to the pool.
  func recycle() {
    consumer = nil
    consumerError = nil
    requestBody = .empty
    if received.capacity > Self.pooledBufferBytesMax { received = [] }
  }

  /// Sets the options on an unused handle; replaces the handle if it has been used.
  ///
  /// `curl_easy_reset` is not enough. If an HTTP/2 connection outlived the handle's transfer, the reset handle still
  /// has its receive buffer and refuses another size for it (7.88.1, multi_done).
  private func renew(_ options: Options) throws(HTTPError) -> [CURLcode] {
    if uses > 0 {
      guard let fresh = curl_easy_init() else { throw HTTPError.setUp("no memory for another easy handle") }
      curl_easy_cleanup(easy)
      (easy, uses) = (fresh, 0)
    }
    return commonOptions(options) + methodOptions(options.method) + [groupOption(options.connectionGroup)]
  }

  private func commonOptions(_ options: Options) -> [CURLcode] {
    // Safety: libcurl calls back only while this transfer is in the multi handle, and the waiting task retains it then.
    let context = Unmanaged.passUnretained(self).toOpaque()
    var codes = [
      curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https"),
      curl_set_plain_socks_auth(easy),
      curl_set_string(easy, CURLOPT_USERAGENT, ElencoVersion.userAgent),
      curl_set_pointer(easy, CURLOPT_PRIVATE, context),
      curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorBuffer),
      curl_set_long(easy, CURLOPT_NOSIGNAL, 1),
      curl_set_long(easy, CURLOPT_PATH_AS_IS, 1),
      curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)),
      curl_set_long(easy, CURLOPT_PIPEWAIT, options.isSecure ? 1 : 0),
      curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, HTTPClient.connectTimeoutMilliseconds),
      curl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1),
      curl_set_long(easy, CURLOPT_BUFFERSIZE, options.receiveBufferBytes),
      // With its default, CAPATH, Debian's libcurl would parse a whole folder of certificates for every connection.
      curl_set_string(easy, CURLOPT_CAINFO, options.certificates),
      curl_set_string(easy, CURLOPT_CAPATH, nil),
      curl_set_write_function(
        easy, { bytes, size, count, context in Transfer.from(context).receive(bytes, size * count) }, context),
    ]
    if options.acceptsCompression { codes.append(curl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "gzip")) }
    return codes
  }

  /// Encodes the connection group in TLS options. libcurl shares a connection only between requests whose TLS options
  /// are all equal. These two flags have no effect with OpenSSL (https://curl.se/libcurl/c/CURLOPT_SSL_OPTIONS.html),
  /// so their four combinations can distinguish four groups.
  private func groupOption(_ group: Int) -> CURLcode {
    let flags = [0, CURLSSLOPT_NO_REVOKE, CURLSSLOPT_REVOKE_BEST_EFFORT]
    let both = CURLSSLOPT_NO_REVOKE | CURLSSLOPT_REVOKE_BEST_EFFORT
    return curl_set_long(easy, CURLOPT_SSL_OPTIONS, Int((flags + [both])[group % 4]))
  }

  private func methodOptions(_ method: HTTPRequest.Method) -> [CURLcode] {
    let context = Unmanaged.passUnretained(self).toOpaque()
    switch method {
    case .get: return []
    case .head: return [curl_set_long(easy, CURLOPT_NOBODY, 1)]
    case .delete: return [curl_set_string(easy, CURLOPT_CUSTOMREQUEST, method.rawValue)]
    case .put, .post:
      return [
        curl_set_long(easy, CURLOPT_UPLOAD, 1),
        curl_set_string(easy, CURLOPT_CUSTOMREQUEST, method.rawValue),
        curl_set_read_function(
          easy, { bytes, size, count, context in Transfer.from(context).fill(bytes, size * count) }, context),
        // If a reused connection breaks before the response starts, libcurl retries and rewinds the body with this.
        curl_set_seek_function(
          easy, { context, offset, origin in Transfer.from(context).seek(offset, origin) }, context),
      ]
    }
  }

  private func setHeaders(_ request: HTTPRequest) throws(HTTPError) {
    // An empty Expect header stops libcurl from waiting for "100 Continue" before it sends the body.
    let fixed = request.body.count > 0 ? [HTTPHeader("Expect", "")] : []
    let headers = fixed.isEmpty ? request.headers : fixed + request.headers
    if let current = self.headers, current == headers { return }
    self.headers = nil
    curl_slist_free_all(headerList)
    headerList = nil
    for header in headers {
      let line = header.value.isEmpty ? "\(header.name):" : "\(header.name): \(header.value)"
      guard !line.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else {
        throw HTTPError.setUp("header \(header.name) of \(request.target) contains a line break or NUL")
      }
      guard let list = curl_slist_append(headerList, line) else {
        throw HTTPError.setUp("no memory for the headers of \(request.target)")
      }
      headerList = list
    }
    self.headers = headers
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
    guard let context else { preconditionFailure("libcurl passed no context to a callback") }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  }

  /// libcurl's write callback. Any result other than `count` ends the transfer with CURLE_WRITE_ERROR.
  private func receive(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    multi.recordChunk()
    receivedBytes += count
    guard receivedBytes <= bodyBytesMax else { return 0 }
    let chunk = UnsafeRawBufferPointer(start: bytes, count: count)
    guard let consumer, isSuccess else {
      if received.isEmpty { reserve(atLeast: count) }
      received.append(contentsOf: chunk)
      return count
    }
    do {
      try consumer(chunk)
      return count
    } catch {
      consumerError = error
      return 0
    }
  }

  /// Reserves memory for the whole response body if its length is known in advance.
  private func reserve(atLeast count: Int) {
    var length: curl_off_t = 0
    curl_get_offset(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length)
    received.reserveCapacity(max(count, min(Int(length), bodyBytesMax, Self.reservedBytesMax)))
  }

  /// Whether the status is 200 or 206. Only such a body is streamed; an error body is kept for the error message.
  private var isSuccess: Bool {
    var status = 0
    curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    return status == 200 || status == 206
  }

  /// libcurl's read callback. Fills the buffer with the next bytes of the request body; a result of 0 ends the body.
  private func fill(_ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int) -> Int {
    guard let buffer else { return 0 }
    var filled = 0
    while filled < capacity, pieceIndex < requestBody.pieces.count {
      let piece = requestBody.pieces[pieceIndex]
      let count = min(capacity - filled, piece.count - pieceOffset)
      piece.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(start: buffer + filled, count: count)
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[pieceOffset..<pieceOffset + count]))
      }
      filled += count
      pieceOffset += count
      if pieceOffset == piece.count { (pieceIndex, pieceOffset) = (pieceIndex + 1, 0) }
    }
    return filled
  }

  /// libcurl's seek callback. Only rewinding to the start is supported.
  private func seek(_ offset: curl_off_t, _ origin: Int32) -> Int32 {
    guard offset == 0, origin == SEEK_SET else { return CURL_SEEKFUNC_CANTSEEK }
    (pieceIndex, pieceOffset) = (0, 0)
    return CURL_SEEKFUNC_OK
  }

  private func responseHeaders() -> [HTTPHeader] {
    var headers: [HTTPHeader] = []
    var previous: UnsafeMutablePointer<curl_header>?
    while let header = curl_easy_nextheader(easy, UInt32(CURLH_HEADER), -1, previous) {
      // If a header has no value, libcurl leaves the line break in it (7.88.1, headers.c).
      let value = String(cString: header.pointee.value)
      headers.append(
        HTTPHeader(String(cString: header.pointee.name), value.first?.isNewline == true ? "" : value))
      previous = header
    }
    return headers
  }

  private func error(_ code: CURLcode, _ request: HTTPRequest) -> HTTPError {
    let message =
      errorBuffer[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorBuffer)
    let isTooLarge = code == CURLE_WRITE_ERROR && receivedBytes > bodyBytesMax
    let reason = isTooLarge ? .bodyTooLarge(bytesMax: bodyBytesMax) : HTTPError.Reason(code)
    return HTTPError(reason, target: request.target, detail: message)
  }
}

extension ArraySlice<UInt8> {
  /// A copy whose capacity equals its count.
  fileprivate var exactCopy: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, count in
      count = buffer.initialize(fromContentsOf: self)
    }
  }
}
