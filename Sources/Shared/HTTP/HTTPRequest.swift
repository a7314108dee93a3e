/// An HTTP request as it is sent. libcurl adds only Host, User-Agent, Content-Length and, if
/// requested, Accept-Encoding.
package struct HTTPRequest: Sendable {
  package enum Method: String, Sendable {
    case get = "GET"
    case put = "PUT"
    case post = "POST"
    case head = "HEAD"
    case delete = "DELETE"
  }

  package var method: Method
  /// An absolute http or https URL, percent-encoded. It is sent as it is; the path is not normalised.
  package var url: String
  package var headers: [HTTPHeader]
  package var body: HTTPBody
  /// Whether to request a compressed response, which is delivered decompressed.
  package var acceptsCompression = false
  /// Whether the response includes its headers if its status is 200. With any other status it always does.
  package var wantsHeaders = true
  /// Maximum size of the response body after decompression, in bytes. A larger one is an error.
  package var bodyBytesMax: Int
  /// Time limit for the whole transfer; nil for none.
  package var timeout: Duration?
  /// How long the transfer may be slower than one byte per second before it fails, in whole seconds; nil turns the
  /// check off.
  package var stallTimeout: Duration?

  package init(
    _ method: Method, _ url: String, headers: [HTTPHeader] = [], body: HTTPBody = .empty,
    bodyBytesMax: Int = 1 << 20, timeout: Duration? = .seconds(30), stallTimeout: Duration? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.bodyBytesMax = bodyBytesMax
    self.timeout = timeout
    self.stallTimeout = stallTimeout
  }

  /// The method and the URL without its query, for errors.
  var target: String { "\(method.rawValue) \(url.prefix { $0 != "?" })" }
}

/// The name and value of a header. Neither may contain a line break.
package struct HTTPHeader: Sendable, Equatable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A request body in pieces, which are sent in order without being copied together.
package struct HTTPBody: Sendable {
  package let pieces: [ArraySlice<UInt8>]
  /// The total size in bytes.
  package let count: Int

  package init(pieces: [ArraySlice<UInt8>]) {
    self.pieces = pieces.filter { !$0.isEmpty }
    count = pieces.reduce(0) { $0 + $1.count }
  }

  package init(_ bytes: [UInt8]) { self.init(pieces: [bytes[...]]) }

  package static let empty = HTTPBody(pieces: [])
}

/// The response to a request.
package struct HTTPResponse: Sendable {
  package let status: Int
  /// In the order in which they were received. Headers of an interim response (100 Continue) are excluded. Empty if the
  /// request did not want them.
  package let headers: [HTTPHeader]
  /// Empty if the response was streamed.
  package let body: [UInt8]

  package init(status: Int, headers: [HTTPHeader], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first value of a header. Names are compared case-insensitively.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.utf8.elementsEqualIgnoringASCIICase(name.utf8) }?.value
  }
}

extension Sequence where Element == UInt8 {
  /// Whether two sequences are equal, ignoring the case of ASCII letters.
  func elementsEqualIgnoringASCIICase(_ other: some Sequence<UInt8>) -> Bool {
    func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
    return elementsEqual(other) { lowercased($0) == lowercased($1) }
  }
}
