/// The requests of the tests.
import TestSupport

/// The text of a request.
func request(
  _ path: String, method: String = "GET", token: String? = "secret", _ headers: String...
) -> String {
  let authorization = token.map { ["Authorization: Bearer \($0)"] } ?? []
  return (["\(method) \(path) HTTP/1.1", "Host: standin"] + authorization + headers + ["", ""])
    .joined(separator: "\r\n")
}

/// Sends one request on its own connection.
func fetch(_ port: UInt16, _ path: String, method: String = "GET", token: String? = "secret") throws
  -> RawResponse
{
  let connection = try RawConnection(port: port)
  connection.send(request(path, method: method, token: token))
  return try connection.response()
}
