/// Describes a response that is not a 200 in a phrase for reports and errors: what TMDB responded, what it means, and
/// what to do. The phrase has no period at its end.
enum TMDBStatus {
  /// Reason phrases (RFC 9110, 15; RFC 6585; RFC 8470) of the statuses that TMDB and its edge are known to send.
  private static let phrases = [
    202: "Accepted", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 302: "Found",
    303: "See Other", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 405: "Method Not Allowed", 406: "Not Acceptable",
    408: "Request Timeout", 410: "Gone", 422: "Unprocessable Content", 425: "Too Early",
    429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout",
  ]

  /// The status with its meaning, TMDB's own message if the body has one, and an explanation if the status needs one.
  static func reason(_ response: HTTPResponse) -> String {
    let name = "\(response.status)\(phrases[response.status].map { " \($0)" } ?? "")"
    let message = StatusResponse(response.body).map { ": \"\($0.message)\"" } ?? ""
    return switch response.status {
    case 201...299: "TMDB responded \(name) instead of 200, so without the film's data\(message)"
    case 300...399: "TMDB responded \(name) \(redirect(response))"
    case 403: "TMDB refused the request (\(name)\(message)). Its edge may be blocking this address"
    case 422:
      "TMDB responded \(name)\(message). It does not accept the request's parameters, and a retry would not change "
        + "that. Check the film's id, and that TMDB_BASE_URL is TMDB's address"
    default: "TMDB responded \(name)\(message)"
    }
  }

  private static func redirect(_ response: HTTPResponse) -> String {
    let target = response.header("Location").map { "and points to \(printableTarget($0))" }
    return
      "\(target ?? "without saying where to"). Elenco follows no redirects, because the token must not reach "
      + "another server. Check TMDB_BASE_URL; if TMDB has moved, set it to the new address"
  }

  /// A redirect's target without user, password, query and fragment, any of which can contain a secret.
  static func printableTarget(_ location: String) -> String {
    let path = location.prefix { $0 != "?" && $0 != "#" }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let plain = parts.map { $0.split(separator: "@", omittingEmptySubsequences: false).last ?? "" }
    return plain.joined(separator: "/").printable
  }
}
