/// A request as it goes on the wire: libcurl adds Host, Content-Length and, when asked, Accept-Encoding alone.
package struct HTTPRequest: Sendable {
  package enum Method: String, Sendable {
    case get = "GET"
    case put = "PUT"
    case post = "POST"
    case head = "HEAD"
    case delete = "DELETE"
  }

  package var method: Method
  /// Absolute, http or https, percent-encoded. Sent as it stands: no path is normalised.
  package var url: String
  package var headers: [HTTPHeader]
  package var body: HTTPBody
  /// Asks for a compressed answer and hands it over decompressed.
  package var acceptsCompression = false
  /// Whether a 200's headers are handed over; those of any other answer always are.
  package var wantsHeaders = true
  /// The answer's size after decompression, in bytes. A larger one is an error.
  package var bodyBytesMax: Int
  /// From start to end; nil for an answer that may take as long as it likes.
  package var timeout: Duration?
  /// How long fewer than one byte a second may come or go; nil turns the check off.
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

  /// Method and URL without its query, for errors.
  var target: String { "\(method.rawValue) \(url.prefix { $0 != "?" })" }
}

/// A header's name and value. Neither may hold a line break.
package struct HTTPHeader: Sendable, Equatable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A request's body in pieces, which are sent one after the other without being joined.
package struct HTTPBody: Sendable {
  package let pieces: [[UInt8]]
  package let count: Int

  package init(pieces: [[UInt8]]) {
    self.pieces = pieces.filter { !$0.isEmpty }
    count = pieces.reduce(0) { $0 + $1.count }
  }

  package init(_ bytes: [UInt8]) { self.init(pieces: [bytes]) }

  package static let empty = HTTPBody(pieces: [])
}

/// The answer to a request.
package struct HTTPResponse: Sendable {
  package let status: Int
  /// In the order they came; the last answer's where there were several (100-continue). Empty where the request did
  /// not want them.
  package let headers: [HTTPHeader]
  /// Empty for a streamed answer.
  package let body: [UInt8]

  package init(status: Int, headers: [HTTPHeader], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first value of a header. Names are compared without regard to case.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.utf8.elementsEqualIgnoringASCIICase(name.utf8) }?.value
  }
}

extension Sequence where Element == UInt8 {
  /// Equal but for the case of ASCII letters.
  func elementsEqualIgnoringASCIICase(_ other: some Sequence<UInt8>) -> Bool {
    func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
    return elementsEqual(other) { lowercased($0) == lowercased($1) }
  }
}
