import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("HTTP/2 over TLS", .enabled(if: NginxServer.program != nil, "nginx is not installed"))
struct HTTP2Tests {
  @Test("concurrent requests share one HTTP/2 connection")
  func oneConnection() throws {
    let server = try NginxServer(
      locations: #"location / { return 200 "$connection $server_protocol"; }"#, isTLS: true)
    defer { server.stop() }
    let (url, certificate) = (server.url, server.certificate)
    let bodies = try EventLoop.run { loop in
      let client = HTTPClient(loop: loop, certificates: certificate)
      return try await BoundedFanOut.map(Array(0..<200), limit: 64) { number in
        String(decoding: try await client.send(HTTPRequest(.get, "\(url)/\(number)")).body, as: UTF8.self)
      }
    }
    #expect(bodies.count == 200)
    #expect(Set(bodies).count == 1)
    #expect(bodies.allSatisfy { $0.hasSuffix(" HTTP/2.0") })
  }

  @Test("concurrent requests of every kind reuse the same handles")
  func kinds() throws {
    let server = try NginxServer(
      locations: """
        location /film { return 200 "$request_method $http_x_kind"; }
        location /slow { limit_rate 1; }
        """, isTLS: true)
    defer { server.stop() }
    try FileManager.default.createDirectory(atPath: server.root + "/slow", withIntermediateDirectories: true)
    try String(repeating: "x", count: 1000).write(
      toFile: server.root + "/slow/film", atomically: true, encoding: .utf8)
    let (url, certificate) = (server.url, server.certificate)
    try EventLoop.run { loop in
      let client = HTTPClient(loop: loop, certificates: certificate)
      func fetch(_ kind: String, _ edit: @escaping @Sendable (inout HTTPRequest, Int) -> Void) async throws {
        let bodies = try await BoundedFanOut.map(Array(0..<48), limit: 16) { number in
          var request = HTTPRequest(.get, "\(url)/film/\(number)", headers: [HTTPHeader("X-Kind", kind)])
          edit(&request, number)
          let body = try await client.send(request).body
          return "\(request.method.rawValue) \(String(decoding: body, as: UTF8.self))"
        }
        #expect(Set(bodies).isSubset(of: ["GET GET \(kind)", "POST POST \(kind)", "HEAD "]), "\(bodies)")
      }
      try await fetch("plain") { _, _ in }
      try await fetch("individual timeouts") { $0.timeout = .milliseconds(20_000 + $1) }
      try await fetch("gzip") { request, _ in request.acceptsCompression = true }
      let error = await #expect(throws: HTTPError.self) {
        _ = try await client.send(HTTPRequest(.get, url + "/slow/film", timeout: .milliseconds(200)))
      }
      #expect(error?.reason == .timedOut)
      try await fetch("after a timeout") { _, _ in }
      try await fetch("alternating methods") { request, number in
        request.method = number % 3 == 0 ? .head : number % 3 == 1 ? .post : .get
        if request.method == .post { request.body = HTTPBody(Array("film".utf8)) }
      }
      var streamed = 0
      _ = try await client.stream(HTTPRequest(.get, url + "/film/1")) { streamed += $0.count }
      #expect(streamed == "GET ".utf8.count)
      try await fetch("after a stream") { _, _ in }
    }
  }

  @Test("responses larger than the receive buffer do not block each other")
  func largeResponses() throws {
    let server = try NginxServer(locations: "keepalive_requests 100000; location / { }", isTLS: true)
    defer { server.stop() }
    let sizes = stride(from: 5000, through: 60_000, by: 6789).map { $0 }
    for (number, size) in sizes.enumerated() {
      let film = String(repeating: "x", count: size)
      try film.write(toFile: server.root + "/\(number)", atomically: true, encoding: .utf8)
    }
    let (url, certificate) = (server.url, server.certificate)
    // A small receive buffer often triggers the libcurl stall (see CurlMulti) that the default size triggers rarely.
    // Only the last response of a round can stall, because no other transfer wakes it up; hence many rounds of few
    // requests.
    let received = try EventLoop.run { loop in
      let client = HTTPClient(loop: loop, certificates: certificate, receiveBufferBytes: 2 << 10)
      var received: [[Int]] = []
      for _ in 0..<20 {
        received.append(
          try await BoundedFanOut.map(Array(sizes.indices), limit: sizes.count) { number in
            try await client.send(HTTPRequest(.get, "\(url)/\(number)", timeout: .seconds(9))).body.count
          })
      }
      return received
    }
    #expect(received == Array(repeating: sizes, count: 20))
  }

  @Test("after a timeout, the next request does not reuse the dead connection")
  func deadConnection() throws {
    let server = try NginxServer(locations: #"location / { return 200 "$pid"; }"#, isTLS: true, workers: 2)
    defer { server.stop() }
    let (url, certificate) = (server.url, server.certificate)
    let (stopped, responding) = try EventLoop.run { loop in
      let client = HTTPClient(loop: loop, certificates: certificate)
      func fetchProcessID(_ timeout: Duration) async throws -> pid_t {
        let body = try await client.send(HTTPRequest(.get, url, timeout: timeout)).body
        return try #require(pid_t(String(decoding: body, as: UTF8.self)))
      }
      let process = try await fetchProcessID(.seconds(10))
      kill(process, SIGSTOP)
      defer { kill(process, SIGCONT) }
      let error = await #expect(throws: HTTPError.self) { _ = try await fetchProcessID(.milliseconds(200)) }
      #expect(error?.reason == .timedOut)
      return (process, try await fetchProcessID(.seconds(10)))
    }
    #expect(stopped != responding)
  }

  @Test("a compressed response is requested and returned decompressed")
  func gzip() throws {
    let text = String(repeating: "credits ", count: 5000)
    let server = try NginxServer(
      locations: """
        gzip on; gzip_types application/json; gzip_min_length 1;
        location / { default_type application/json; add_header X-Accept-Encoding "$http_accept_encoding"; try_files /film.json =404; }
        """, isTLS: true)
    defer { server.stop() }
    try text.write(toFile: server.root + "/film.json", atomically: true, encoding: .utf8)
    let (url, certificate) = (server.url, server.certificate)
    let response = try EventLoop.run { loop in
      var request = HTTPRequest(.get, url + "/film.json")
      request.acceptsCompression = true
      return try await HTTPClient(loop: loop, certificates: certificate).send(request)
    }
    #expect(response.header("Content-Encoding") == "gzip")
    #expect(response.header("X-Accept-Encoding") == "gzip")
    #expect(response.body == Array(text.utf8))
  }

  @Test("an untrusted certificate is refused, and so is any certificate if the trust file is missing")
  func distrust() throws {
    let server = try NginxServer(locations: "location / { return 200; }", isTLS: true)
    let other = try NginxServer(locations: "location / { return 200; }", isTLS: true)
    defer {
      server.stop()
      other.stop()
    }
    let url = server.url
    for certificate in [other.certificate, server.root + "/no-such-file"] {
      let error = #expect(throws: HTTPError.self) {
        try EventLoop.run { loop in
          _ = try await HTTPClient(loop: loop, certificates: certificate).send(HTTPRequest(.get, url))
        }
      }
      #expect(error?.reason == .tlsRefused)
    }
  }
}
