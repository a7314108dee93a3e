import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("HTTP over TLS", .enabled(if: NginxServer.program != nil, "nginx is not installed"))
struct HTTP2Tests {
  @Test("many requests at once share one HTTP/2 connection")
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

  @Test("requests of every kind follow one another on the same handles, many at once")
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
      func ask(_ kind: String, _ edit: @escaping @Sendable (inout HTTPRequest, Int) -> Void) async throws {
        let bodies = try await BoundedFanOut.map(Array(0..<48), limit: 16) { number in
          var request = HTTPRequest(.get, "\(url)/film/\(number)", headers: [HTTPHeader("X-Kind", kind)])
          edit(&request, number)
          let body = try await client.send(request).body
          return "\(request.method.rawValue) \(String(decoding: body, as: UTF8.self))"
        }
        #expect(Set(bodies).isSubset(of: ["GET GET \(kind)", "POST POST \(kind)", "HEAD "]), "\(bodies)")
      }
      try await ask("plain") { _, _ in }
      try await ask("each its own time") { $0.timeout = .milliseconds(20_000 + $1) }
      try await ask("gzip") { request, _ in request.acceptsCompression = true }
      let error = await #expect(throws: HTTPError.self) {
        _ = try await client.send(HTTPRequest(.get, url + "/slow/film", timeout: .milliseconds(200)))
      }
      #expect(error?.reason == .timedOut)
      try await ask("after a time-out") { _, _ in }
      try await ask("in turns") { request, number in
        request.method = number % 3 == 0 ? .head : number % 3 == 1 ? .post : .get
        if request.method == .post { request.body = HTTPBody(Array("film".utf8)) }
      }
      var streamed = 0
      _ = try await client.stream(HTTPRequest(.get, url + "/film/1")) { streamed += $0.count }
      #expect(streamed == "GET ".utf8.count)
      try await ask("after a stream") { _, _ in }
    }
  }

  @Test("answers that are larger than what is received at once do not hold one another up")
  func largeAnswers() throws {
    let server = try NginxServer(locations: "keepalive_requests 100000; location / { }", isTLS: true)
    defer { server.stop() }
    let sizes = stride(from: 5000, through: 60_000, by: 6789).map { $0 }
    for (number, size) in sizes.enumerated() {
      let film = String(repeating: "x", count: size)
      try film.write(toFile: server.root + "/\(number)", atomically: true, encoding: .utf8)
    }
    let (url, certificate) = (server.url, server.certificate)
    // Small pieces bring about often what the usual ones seldom do, and only the last of many answers has nobody to
    // wake it: hence many rounds of few.
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

  @Test("after a time-out the next request takes another connection than the one that leads nowhere")
  func deadConnection() throws {
    let server = try NginxServer(locations: #"location / { return 200 "$pid"; }"#, isTLS: true, workers: 2)
    defer { server.stop() }
    let (url, certificate) = (server.url, server.certificate)
    let (stopped, answered) = try EventLoop.run { loop in
      let client = HTTPClient(loop: loop, certificates: certificate)
      func ask(_ timeout: Duration) async throws -> pid_t {
        let body = try await client.send(HTTPRequest(.get, url, timeout: timeout)).body
        return try #require(pid_t(String(decoding: body, as: UTF8.self)))
      }
      let process = try await ask(.seconds(10))
      kill(process, SIGSTOP)
      defer { kill(process, SIGCONT) }
      let error = await #expect(throws: HTTPError.self) { _ = try await ask(.milliseconds(200)) }
      #expect(error?.reason == .timedOut)
      return (process, try await ask(.seconds(10)))
    }
    #expect(stopped != answered)
  }

  @Test("a compressed answer is asked for and handed over decompressed")
  func gzip() throws {
    let text = String(repeating: "credits ", count: 5000)
    let server = try NginxServer(
      locations: """
        gzip on; gzip_types application/json; gzip_min_length 1;
        location / { default_type application/json; add_header X-Asked "$http_accept_encoding"; try_files /film.json =404; }
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
    #expect(response.header("X-Asked") == "gzip")
    #expect(response.body == Array(text.utf8))
  }

  @Test("a certificate that nobody vouches for is refused, and so is one for another name")
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
