import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("HTTP client") struct HTTPClientTests {
  private func send(_ request: HTTPRequest, certificates: String? = nil) throws -> HTTPResponse {
    try EventLoop.run { loop in
      try await HTTPClient(loop: loop, certificates: certificates).send(request)
    }
  }

  @Test("a response has its status, its headers in order, and its body")
  func response() throws {
    let server = try ScriptedServer(
      "HTTP/1.1 404 Not Found\r\nA: 1\r\nb: 2\r\nContent-Length: 5\r\n\r\nhello")
    defer { server.stop() }
    let response = try send(HTTPRequest(.get, server.url + "/x"))
    #expect(response.status == 404)
    #expect(response.body == Array("hello".utf8))
    #expect(response.header("B") == "2")
    #expect(response.headers.map(\.name) == ["A", "b", "Content-Length"])
  }

  @Test("a header without a value is received with an empty value", arguments: ["A:", "A: ", "A:\t"])
  func emptyHeader(line: String) throws {
    let server = try ScriptedServer("HTTP/1.1 200 OK\r\n\(line)\r\nB: 2\r\nContent-Length: 0\r\n\r\n")
    defer { server.stop() }
    let response = try send(HTTPRequest(.get, server.url))
    #expect(response.header("A") == "" && response.header("B") == "2")
  }

  @Test("a path is sent unchanged, including its dots and percent signs")
  func pathAsIs() throws {
    let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    defer { server.stop() }
    _ = try send(HTTPRequest(.get, server.url + "/a/../b//%2E%25%C3%A9?q=%2F"))
    let line = String(decoding: try #require(server.requests.first).prefix { $0 != 13 }, as: UTF8.self)
    #expect(line == "GET /a/../b//%2E%25%C3%A9?q=%2F HTTP/1.1")
  }

  @Test("a body in pieces is sent joined, with its length, and without waiting for 100-continue")
  func upload() throws {
    let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    defer { server.stop() }
    let pieces = [Array("{".utf8), [UInt8](repeating: 97, count: 3_000_000), [], Array("}".utf8)]
    _ = try send(HTTPRequest(.put, server.url, body: HTTPBody(pieces: pieces.map { $0[...] })))
    let request = try #require(server.requests.first)
    let head = String(decoding: request.prefix(400), as: UTF8.self)
    #expect(head.contains("\r\nContent-Length: 3000002\r\n"))
    #expect(!head.lowercased().contains("expect"))
    #expect(Array(request.suffix(3_000_002)) == Array(pieces.joined()))
  }

  @Test("a PUT without a body sends Content-Length: 0")
  func emptyUpload() throws {
    let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    defer { server.stop() }
    _ = try send(HTTPRequest(.put, server.url))
    #expect(
      String(decoding: try #require(server.requests.first), as: UTF8.self).contains("Content-Length: 0\r\n"))
  }

  @Test(
    "an incomplete, oversized or undecodable response is an error that names the request without its query",
    arguments: [
      ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", HTTPError.Reason.cutShort),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf", .cutShort),
      ("", .cutShort),
      (
        "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + String(repeating: "a", count: 2000),
        .bodyTooLarge(bytesMax: 1000)
      ),
      ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf", .undecodable),
    ])
  func failure(response: String, reason: HTTPError.Reason) throws {
    let server = try ScriptedServer(response)
    defer { server.stop() }
    var request = HTTPRequest(.get, server.url + "/film?secret=1", bodyBytesMax: 1000)
    request.acceptsCompression = true
    let error = #expect(throws: HTTPError.self) { try send(request) }
    #expect(error?.reason == reason)
    #expect(error?.target == "GET \(server.url)/film")
    #expect(error.map { "\($0)".contains("secret") } == false)
  }

  @Test("a request to a server that does not respond times out")
  func timeout() throws {
    let server = try ScriptedServer(.stayOpen)
    defer { server.stop() }
    let error = #expect(throws: HTTPError.self) {
      try send(HTTPRequest(.get, server.url, timeout: .milliseconds(50)))
    }
    #expect(error?.reason == .timedOut)
  }

  @Test("an unused port, an unknown host and an invalid URL each have their own error")
  func unreachable() throws {
    let port = try Loopback.freePort()
    let cases: [(String, HTTPError.Reason)] = [
      ("http://127.0.0.1:\(port)/", .couldNotConnect), ("http://no-such-host.invalid/", .couldNotResolve),
      ("ftp://127.0.0.1/", .badURL), ("file:///etc/passwd", .badURL), ("http://", .badURL),
    ]
    for (url, reason) in cases {
      let error = #expect(throws: HTTPError.self, "\(url)") { try send(HTTPRequest(.get, url)) }
      #expect(error?.reason == reason, "\(url)")
    }
  }

  /// All other protocols that Debian's libcurl supports. In the zips, some of them are backed only by stubs that abort.
  @Test(
    "protocols other than http and https are refused",
    arguments: [
      "dict", "file", "ftp", "ftps", "gopher", "gophers", "imap", "imaps", "ldap", "ldaps", "mqtt", "pop3",
      "pop3s",
      "rtmp", "rtmpe", "rtmps", "rtmpt", "rtmpte", "rtmpts", "rtsp", "scp", "sftp", "smb", "smbs", "smtp",
      "smtps",
      "telnet", "tftp",
    ])
  func otherProtocols(scheme: String) throws {
    let error = #expect(throws: HTTPError.self) {
      try send(HTTPRequest(.get, "\(scheme)://127.0.0.1/etc/passwd"))
    }
    #expect(error?.reason == .badURL)
  }

  @Test("a header with a line break is refused before anything is sent")
  func headerInjection() throws {
    let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    defer { server.stop() }
    #expect(throws: HTTPError.self) {
      try send(HTTPRequest(.get, server.url, headers: [HTTPHeader("A", "1\r\nB: 2")]))
    }
    #expect(server.requests.isEmpty)
  }

  @Test("the body of a 200 or 206 is streamed in order, and that of an error is kept for its message")
  func stream() throws {
    let body = String(repeating: "0123456789", count: 100_000)
    for status in [200, 206, 403] {
      let server = try ScriptedServer(
        "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
      defer { server.stop() }
      let url = server.url
      let (streamed, kept) = try EventLoop.run { loop -> ([UInt8], [UInt8]) in
        let received = Received()
        let response = try await HTTPClient(loop: loop).stream(
          HTTPRequest(.get, url, bodyBytesMax: 2_000_000)
        ) { received.bytes += $0 }
        return (received.bytes, response.body)
      }
      #expect(streamed == (status == 403 ? [] : Array(body.utf8)))
      #expect(kept == (status == 403 ? Array(body.utf8) : []))
    }
  }

  @Test("an error thrown by the consumer ends the transfer and is rethrown unchanged")
  func consumerError() throws {
    struct Enough: Error {}
    let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    defer { server.stop() }
    let url = server.url
    #expect(throws: Enough.self) {
      try EventLoop.run { loop in
        _ = try await HTTPClient(loop: loop).stream(HTTPRequest(.get, url)) { _ in throw Enough() }
      }
    }
  }

  @Test(
    "a cancelled request ends immediately and only once, and the client stays usable",
    arguments: [true, false])
  func cancellation(beforeStart: Bool) throws {
    let unresponsive = try ScriptedServer(.stayOpen)
    let responsive = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    defer {
      unresponsive.stop()
      responsive.stop()
    }
    let (unresponsiveURL, responsiveURL) = (unresponsive.url, responsive.url)
    let reasons = try EventLoop.run { loop -> [HTTPError.Reason?] in
      let client = HTTPClient(loop: loop)
      let reasons = await withTaskGroup(of: HTTPError.Reason?.self) { group in
        for _ in 0..<20 {
          group.addTask {
            do {
              _ = try await client.send(HTTPRequest(.get, unresponsiveURL, timeout: nil))
              return nil
            } catch { return (error as? HTTPError)?.reason }
          }
        }
        // A short sleep of this task lets the transfers begin.
        if !beforeStart { try? await loop.sleep(for: .milliseconds(20)) }
        group.cancelAll()
        return await group.reduce(into: []) { $0.append($1) }
      }
      let response = try await client.send(HTTPRequest(.get, responsiveURL))
      #expect(response.body == Array("ok".utf8))
      return reasons
    }
    #expect(reasons == Array(repeating: .cancelled, count: 20))
  }
}

/// Collects the bytes of a stream.
///
/// Safety of `@unchecked Sendable`: used only on one event loop.
private final class Received: @unchecked Sendable {
  var bytes: [UInt8] = []
}
