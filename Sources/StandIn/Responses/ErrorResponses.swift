/// The answers that are not credits or finds: TMDB's status codes and the bodies that go with them.
extension Response {
  /// What a request without a good token gets: code 7, with a line break at the end.
  static let unauthorized = Response(
    status: 401, cacheControl: .minutes,
    segments: [
      .text(#"{"status_code":7,"status_message":"Invalid API key: You must be granted a valid key.","#),
      .text("\"success\":false}\n"),
    ])

  /// No such film: code 34. The order of the keys varies from id to id.
  static func notFound(id: Int) -> Response {
    let body: StaticString =
      id.isMultiple(of: 2)
      ? #"{"status_code":34,"status_message":"The resource you requested could not be found.","success":false}"#
      : #"{"success":false,"status_code":34,"status_message":"The resource you requested could not be found."}"#
    return Response(status: 404, segments: [.text(body)])
  }

  /// Code 6: the id is no number.
  static let invalidID = Response(
    status: 404,
    segments: [.text(#"{"success":false,"status_code":6,"status_message":"Invalid id: not a number."}"#)])

  /// No such route: a page by the server in front, not JSON.
  static let unknownPath = Response(
    status: 404, contentType: .html, cacheControl: .none, segments: [.text(page404)])

  /// Code 42.
  static let methodNotAllowed = Response(
    status: 405, cacheControl: .none,
    segments: [.text(#"{"success":false,"status_code":42,"status_message":"Only GET is supported here."}"#)])

  /// A find that does not say where its id comes from: another shape altogether.
  static let sourceMissing = Response(
    status: 422, cacheControl: .none, segments: [.text(#"{"errors":["external_source is missing"]}"#)])

  /// Code 47: a find by another source than IMDb's ids.
  static let sourceInvalid = Response(
    status: 400, cacheControl: .none,
    segments: [.text(#"{"success":false,"status_code":47,"status_message":"Invalid external_source."}"#)])

  /// Code 25.
  static func tooManyRequests(retryAfter: Int?) -> Response {
    Response(
      status: 429, cacheControl: .none, retryAfter: retryAfter,
      segments: [.text(#"{"success":false,"status_code":25,"status_message":"Over the request limit."}"#)])
  }

  /// Any status by a script, with the code that TMDB gives it.
  static func failure(status: Int, retryAfter: Int?) -> Response {
    switch status {
    case 401: return unauthorized
    case 404: return notFound(id: 0)
    case 429: return tooManyRequests(retryAfter: retryAfter)
    default: break
    }
    let codes = [400: 47, 403: 45, 405: 42, 422: 5, 500: 11, 501: 2, 502: 43, 503: 9, 504: 24]
    return Response(
      status: status, cacheControl: .none, retryAfter: retryAfter,
      segments: [
        .text(#"{"success":false,"status_code":"#), .number(codes[status] ?? 11),
        .text(#","status_message":"Failed as told."}"#),
      ])
  }

  /// An HTML page where JSON is expected.
  static func page(status: Int) -> Response {
    Response(
      status: status, contentType: .html, cacheControl: .none,
      segments: [
        .text("<html>\n<head><title>Error "), .number(status),
        .text("</title></head>\n<body>\n<h1>The server is taking a rest</h1>\n</body>\n</html>\n"),
      ])
  }

  // The page that openresty sends; HTML of a web server's own, in its four known lines and CR LF.
  private static let page404: StaticString = """
    <html>\r
    <head><title>404 Not Found</title></head>\r
    <body>\r
    <center><h1>404 Not Found</h1></center>\r
    <hr><center>openresty</center>\r
    </body>\r
    </html>\r

    """
}
