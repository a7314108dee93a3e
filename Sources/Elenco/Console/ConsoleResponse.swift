import HTTPServer
import Shared

/// A response of the console.
struct ConsoleResponse: Sendable, Equatable {
  enum ContentType: String, Sendable {
    case html = "text/html; charset=utf-8"
    case text = "text/plain; charset=utf-8"
    case script = "text/javascript; charset=utf-8"
    case style = "text/css; charset=utf-8"
  }

  var status: Int
  var contentType: ContentType
  var body: String
  /// The version of the body; nil if it has none.
  var version: String?
  /// The allowed methods, for a 405.
  var allow: String?

  init(_ status: Int, _ contentType: ContentType, _ body: String, version: String? = nil) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.version = version
  }

  /// A sentence.
  static func text(_ status: Int, _ sentence: String) -> ConsoleResponse {
    ConsoleResponse(status, .text, sentence + "\n")
  }

  static func methodNotAllowed(_ allowed: String) -> ConsoleResponse {
    var response = text(405, "This address accepts only \(allowed).")
    response.allow = allowed
    return response
  }

  /// In every response. No header allows another site to read it (CORS). Scripts and requests are limited to the console
  /// itself, so that markup that got into a page could neither run nor send anything.
  static let headers: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-\(PageStyle.sha256)'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    ("X-Frame-Options", "DENY"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
  ]
}

extension ServerResponse {
  init(_ response: ConsoleResponse) {
    var headers = ConsoleResponse.headers + [("Content-Type", response.contentType.rawValue)]
    if let version = response.version { headers.append(("ETag", version)) }
    if let allow = response.allow { headers.append(("Allow", allow)) }
    self.init(status: response.status, headers: headers, body: .bytes(Array(response.body.utf8)))
  }
}
