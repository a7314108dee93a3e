/// TMDB's error responses: HTTP status, TMDB's status code and body.
extension Response {
  /// Missing or wrong token: code 7. The body ends with a line break.
  static let unauthorized = Response(
    status: 401,
    segments: [
      .text(#"{"status_code":7,"status_message":"Invalid API key: You must be granted a valid key.","#),
      .text("\"success\":false}\n"),
    ])

  /// No such film: code 34. The order of the keys depends on the id, as at TMDB.
  static func notFound(id: Int) -> Response {
    let body: StaticString =
      id.isMultiple(of: 2)
      ? #"{"status_code":34,"status_message":"The resource you requested could not be found.","success":false}"#
      : #"{"success":false,"status_code":34,"status_message":"The resource you requested could not be found."}"#
    return Response(status: 404, segments: [.text(body)])
  }

  /// The id is not a number: code 6.
  static let invalidID = Response(
    status: 404,
    segments: [.text(#"{"success":false,"status_code":6,"status_message":"Invalid id: not a number."}"#)])

  /// No such route: an HTML page from the web server in front of TMDB.
  static let unknownPath = Response(status: 404, contentType: .html, segments: [.text(page404)])

  /// Code 42.
  static let methodNotAllowed = Response(
    status: 405,
    segments: [.text(#"{"success":false,"status_code":42,"status_message":"Only GET is supported here."}"#)])

  /// A find without `external_source`. The body has a shape of its own.
  static let sourceMissing = Response(
    status: 422, segments: [.text(#"{"errors":["external_source is missing"]}"#)])

  /// A find with an `external_source` other than `imdb_id`: code 47.
  static let sourceInvalid = Response(
    status: 400,
    segments: [.text(#"{"success":false,"status_code":47,"status_message":"Invalid external_source."}"#)])

  /// A page of the list of changes that is not from 1 to 1000: code 22.
  static let pageInvalid = Response(
    status: 400,
    segments: [
      .text(
        #"{"success":false,"status_code":22,"status_message":"Invalid page: Pages start at 1 and max at 1000. "#
      ),
      .text(#"They are expected to be an integer."}"#),
    ])

  /// A date that is not in the form yyyy-MM-dd: code 23.
  static let dateInvalid = Response(
    status: 400,
    segments: [
      .text(
        #"{"success":false,"status_code":23,"status_message":"Invalid date: Format needs to be YYYY-MM-DD."}"#
      )
    ])

  /// A span of more than 14 days, or one that ends before it starts: code 20.
  static let dateRangeInvalid = Response(
    status: 422,
    segments: [
      .text(
        #"{"success":false,"status_code":20,"status_message":"Invalid date range: Should be a range no longer "#
      ),
      .text(#"than 14 days."}"#),
    ])

  /// Code 25.
  static func tooManyRequests(retryAfter: Int?) -> Response {
    Response(
      status: 429, retryAfter: retryAfter,
      segments: [.text(#"{"success":false,"status_code":25,"status_message":"Over the request limit."}"#)])
  }

  /// The response for a `status=` fault, with TMDB's code for the status.
  static func failure(status: Int, retryAfter: Int?) -> Response {
    switch status {
    case 401: return unauthorized
    case 404: return notFound(id: 0)
    case 429: return tooManyRequests(retryAfter: retryAfter)
    default: break
    }
    let codes = [400: 47, 403: 45, 405: 42, 422: 5, 500: 11, 501: 2, 502: 43, 503: 9, 504: 24]
    return Response(
      status: status, retryAfter: retryAfter,
      segments: [
        .text(#"{"success":false,"status_code":"#), .number(codes[status] ?? 11),
        .text(#","status_message":"Injected fault."}"#),
      ])
  }

  /// An HTML page instead of JSON, such as a gateway sends.
  static let badGatewayPage = Response(
    status: 502, contentType: .html,
    segments: [
      .text("<html>\n<head><title>Error 502</title></head>\n"),
      .text("<body>\n<h1>The server is unavailable</h1>\n</body>\n</html>\n"),
    ])

  // openresty's page, with CR LF line breaks.
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
