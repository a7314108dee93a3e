import CCurl
import Glibc

/// One request on its way: owns an easy handle, what libcurl's callbacks write to, and the waiting task.
///
/// It goes back to a pool and is used again, with its buffers. Touched by its loop's thread alone.
final class Transfer {
  /// Takes the answer's bytes as they come; throwing ends the transfer.
  typealias Consumer = (UnsafeRawBufferPointer) throws -> Void

  /// What many requests have in common. URL, headers, lengths and times are set for each.
  private struct Options: Equatable {
    let method: HTTPRequest.Method
    let isSecure: Bool
    let acceptsCompression: Bool
    let receiveBufferBytes: Int
    let certificates: String
    let connectionGroup: Int
  }

  /// A pooled buffer above this size is given back to the allocator.
  private static let pooledBufferBytesMax = 64 << 10
  /// An announced length is believed up to here.
  private static let reservedBytesMax = 1 << 20
  /// Requests that share a handle: libcurl counts the connections that died under them over the handle's life, and gives
  /// a request up at the sixth (7.88.1, transfer.c).
  private static let usesMax = 16

  private(set) var easy: UnsafeMutableRawPointer
  private unowned let multi: CurlMulti
  /// What the handle is set up for; nil where it must not be used again.
  private var options: Options?
  private var uses = 0
  /// What `headerList` holds; nil where that is not known.
  private var headers: [HTTPHeader]?
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let errorBuffer: UnsafeMutablePointer<CChar>

  private var received: [UInt8] = []
  private var receivedBytes = 0
  private var bodyBytesMax = 0
  private var consumer: Consumer?
  private var consumerError: (any Error)?

  private var sent = HTTPBody.empty
  private var sentPiece = 0
  private var sentOffset = 0

  private var continuation: UnsafeContinuation<CURLcode, Never>?
  /// Counts uses, so that a late cancellation cannot reach the handle's next transfer.
  private(set) var generation: UInt64 = 0

  /// - Parameter multi: to which it will be handed; outlives it.
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

  /// Sets the handle up for a request.
  /// - Parameter connectionGroup: it shares connections with no request of the three groups before or after its own.
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
    sent = request.body
    (sentPiece, sentOffset) = (0, 0)
    let options = Options(
      method: request.method, isSecure: request.url.utf8.starts(with: "https".utf8),
      acceptsCompression: request.acceptsCompression, receiveBufferBytes: receiveBufferBytes,
      certificates: certificates, connectionGroup: connectionGroup)
    let isKept = options == self.options && uses < Self.usesMax
    var codes = isKept ? [] : try renew(options)
    uses += 1
    // Not known to be set until all of them are.
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
      throw HTTPError.setUp("libcurl refused an option for \(request.target)")
    }
    self.options = options
  }

  /// Suspends until `finish`. `start` hands the transfer to the multi handle.
  func run(start: () -> Bool) async -> CURLcode {
    await withUnsafeContinuation { continuation in
      self.continuation = continuation
      if !start() { finish(CURLE_FAILED_INIT) }
    }
  }

  /// Resumes the waiting task; a second call does nothing.
  func finish(_ code: CURLcode) {
    guard let waiting = continuation else { return }
    continuation = nil
    generation += 1
    waiting.resume(returning: code)
  }

  /// The answer, or why there is none. To be read once, before the handle is used again.
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

  /// The body in an array of about its own size: the buffer itself where it is no larger, else a copy, and the buffer
  /// stays with the handle.
  private func takeReceived() -> [UInt8] {
    guard received.capacity - received.count <= received.count / 16 else { return received[...].exact }
    defer { received = [] }
    return received
  }

  /// Lets go of what belongs to the request, before the handle waits for its next one.
  func recycle() {
    consumer = nil
    consumerError = nil
    sent = .empty
    if received.capacity > Self.pooledBufferBytesMax { received = [] }
  }

  /// Sets a handle up that is not used yet: a new one where this one is. One that is reset keeps its buffer where its
  /// connection went on without it, and then refuses another size for it (7.88.1, multi_done).
  private func renew(_ options: Options) throws(HTTPError) -> [CURLcode] {
    if uses > 0 {
      guard let fresh = curl_easy_init() else { throw HTTPError.setUp("no memory for another transfer") }
      curl_easy_cleanup(easy)
      (easy, uses) = (fresh, 0)
    }
    return commonOptions(options) + methodOptions(options.method) + [groupOption(options.connectionGroup)]
  }

  private func commonOptions(_ options: Options) -> [CURLcode] {
    // Safety: libcurl calls back while this transfer is in the multi handle, and the task that waits owns it.
    let context = Unmanaged.passUnretained(self).toOpaque()
    var codes = [
      curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https"),
      curl_set_plain_socks_auth(easy),
      curl_set_pointer(easy, CURLOPT_PRIVATE, context),
      curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorBuffer),
      curl_set_long(easy, CURLOPT_NOSIGNAL, 1),
      curl_set_long(easy, CURLOPT_PATH_AS_IS, 1),
      curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)),
      curl_set_long(easy, CURLOPT_PIPEWAIT, options.isSecure ? 1 : 0),
      curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, HTTPClient.connectTimeoutMilliseconds),
      curl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1),
      curl_set_long(easy, CURLOPT_BUFFERSIZE, options.receiveBufferBytes),
      // Debian's libcurl would parse a whole folder of certificates again for every connection.
      curl_set_string(easy, CURLOPT_CAINFO, options.certificates),
      curl_set_string(easy, CURLOPT_CAPATH, nil),
      curl_set_write_function(
        easy, { bytes, size, count, context in Transfer.from(context).take(bytes, size * count) }, context),
    ]
    if options.acceptsCompression { codes.append(curl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "gzip")) }
    return codes
  }

  /// libcurl lets requests share a connection only where all their TLS options are the same. These two mean nothing to
  /// OpenSSL (https://curl.se/libcurl/c/CURLOPT_SSL_OPTIONS.html), and so can tell four groups apart.
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
          easy, { bytes, size, count, context in Transfer.from(context).give(bytes, size * count) }, context),
        // A connection that broke before the answer began is tried again by libcurl from the body's start.
        curl_set_seek_function(
          easy, { context, offset, origin in Transfer.from(context).seek(offset, origin) }, context),
      ]
    }
  }

  private func setHeaders(_ request: HTTPRequest) throws(HTTPError) {
    // An empty Expect header keeps libcurl from waiting for "100 Continue" before it sends a body.
    let fixed = request.body.count > 0 ? [HTTPHeader("Expect", "")] : []
    let headers = fixed.isEmpty ? request.headers : fixed + request.headers
    if let known = self.headers, known == headers { return }
    self.headers = nil
    curl_slist_free_all(headerList)
    headerList = nil
    for header in headers {
      let line = header.value.isEmpty ? "\(header.name):" : "\(header.name): \(header.value)"
      guard !line.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else {
        throw HTTPError.setUp("header \(header.name) of \(request.target) holds a line break")
      }
      guard let list = curl_slist_append(headerList, line) else {
        throw HTTPError.setUp("no memory for the headers of \(request.target)")
      }
      headerList = list
    }
    self.headers = headers
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
    guard let context else { preconditionFailure("libcurl lost the context it was given") }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  }

  /// libcurl's write callback. Anything but `count` ends the transfer with CURLE_WRITE_ERROR.
  private func take(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    multi.noteTaken()
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

  /// Makes room for the whole answer, where its length is known before it is there.
  private func reserve(atLeast count: Int) {
    var length: curl_off_t = 0
    curl_get_offset(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length)
    received.reserveCapacity(max(count, min(Int(length), bodyBytesMax, Self.reservedBytesMax)))
  }

  /// Only the body of a 200 or 206 is streamed; what a server says of an error is kept for the message.
  private var isSuccess: Bool {
    var status = 0
    curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    return status == 200 || status == 206
  }

  /// libcurl's read callback: fills the buffer with the next of the body; 0 ends it.
  private func give(_ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int) -> Int {
    guard let buffer else { return 0 }
    var filled = 0
    while filled < capacity, sentPiece < sent.pieces.count {
      let piece = sent.pieces[sentPiece]
      let count = min(capacity - filled, piece.count - sentOffset)
      piece.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(start: buffer + filled, count: count)
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[sentOffset..<sentOffset + count]))
      }
      filled += count
      sentOffset += count
      if sentOffset == piece.count { (sentPiece, sentOffset) = (sentPiece + 1, 0) }
    }
    return filled
  }

  private func seek(_ offset: curl_off_t, _ origin: Int32) -> Int32 {
    guard offset == 0, origin == SEEK_SET else { return CURL_SEEKFUNC_CANTSEEK }
    (sentPiece, sentOffset) = (0, 0)
    return CURL_SEEKFUNC_OK
  }

  private func responseHeaders() -> [HTTPHeader] {
    var headers: [HTTPHeader] = []
    var previous: UnsafeMutablePointer<curl_header>?
    while let header = curl_easy_nextheader(easy, UInt32(CURLH_HEADER), -1, previous) {
      headers.append(
        HTTPHeader(String(cString: header.pointee.name), String(cString: header.pointee.value)))
      previous = header
    }
    return headers
  }

  private func error(_ code: CURLcode, _ request: HTTPRequest) -> HTTPError {
    let words = errorBuffer[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorBuffer)
    let isTooLarge = code == CURLE_WRITE_ERROR && receivedBytes > bodyBytesMax
    let reason = isTooLarge ? .bodyTooLarge(bytesMax: bodyBytesMax) : HTTPError.Reason(code)
    return HTTPError(reason, target: request.target, detail: words)
  }
}

extension ArraySlice<UInt8> {
  /// An array whose capacity is its count.
  fileprivate var exact: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, count in
      count = buffer.initialize(fromContentsOf: self)
    }
  }
}
