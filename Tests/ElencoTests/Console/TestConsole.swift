import Foundation
import HTTPServer
import TestSupport

@testable import Elenco
@testable import Shared

/// The console in this process, with S3 in memory and a scripted server in Lambda's place.
final class TestConsole: Sendable {
  let access: ConsoleAccess
  let store = CountingStore()
  let lambda: ScriptedServer
  private let server: LoopbackServer
  private let requests: AsyncStream<PendingRequest>.Continuation

  init(_ destination: Destination) throws {
    lambda = try ScriptedServer(
      .choose { $0.contains("\r\nX-Amz-Invocation-Type: Event\r\n") ? .json("", status: 202) : .json("{}") })
    let listener = try Listener(port: 0)
    access = ConsoleAccess(port: listener.port, token: ConsoleAccess.newToken())
    let (requests, continuation) = AsyncStream.makeStream(of: PendingRequest.self)
    self.requests = continuation
    server = try LoopbackServer(listener, ConsoleService.limits, ConsoleService(access, continuation))
    let location = try RunLocation(destination: destination, environment: [:])
    let environment = [
      "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "key",
      "AWS_ENDPOINT_URL": lambda.url,
    ]
    let store = store
    let thread = Thread {
      _ = try? EventLoop.run { loop in
        let services = try AWSServices(http: HTTPClient(loop: loop), environment: environment)
        let watched = WatchedRuns(location, store, runsMax: 20, clock: loop, executor: loop)
        await Console(location: location, watched: watched, s3: store, lambda: services.lambda, loop: loop)
          .serve(requests)
      }
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit {
    requests.finish()
    server.stop()
    lambda.stop()
  }

  var origin: String { "http://127.0.0.1:\(access.port)" }

  /// Sends a request on its own connection, as a page of the console does unless the headers say otherwise.
  func send(_ path: String, method: String = "GET", host: String? = nil, _ headers: String...) throws
    -> RawResponse
  {
    let connection = try RawConnection(port: access.port)
    connection.send(
      ([
        "\(method) \(path) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(access.port)")",
      ] + headers + ["", ""]).joined(separator: "\r\n"))
    return try connection.response(hasBody: method != "HEAD")
  }

  /// Sends a request of a button.
  func act(_ path: String) throws -> RawResponse {
    try send(
      path, method: "POST", "Origin: \(origin)", "Sec-Fetch-Site: same-origin", "Content-Length: 0",
      "\(ConsoleRequest.tokenHeader): \(access.token.value)")
  }

  /// The events that Lambda has received.
  func events() throws -> [JSONValue] {
    try lambda.requests.map { request in
      let text = String(decoding: request, as: UTF8.self)
      let body = text.components(separatedBy: "\r\n\r\n").dropFirst().joined()
      return try JSONText.decode(JSONValue.self, from: Array(body.utf8))
    }
  }
}

extension JSONValue {
  /// A field of an object; nil if there is none, or if this is not an object.
  subscript(_ field: String) -> JSONValue? {
    if case .object(let fields) = self { fields[field] } else { nil }
  }
}
