/// Fault injection: each fault over a socket, and the rules that decide when it applies.
import Foundation
import TestSupport
import Testing

@testable import StandIn

@Suite("Fault injection") struct FailureTests {
  private let path = "/3/movie/\(Sample.film)/credits"
  private let good = Catalogue.credits(imdbID: Sample.film) ?? []

  private func server(_ rules: String...) throws -> StandInServer {
    var configuration = Configuration()
    configuration.keepsRequests = true
    configuration.failRules = try rules.map { try FaultRule(parsing: $0) }
    return try StandInServer(configuration)
  }

  @Test("status: the response has this status as often as the rule allows, and is normal afterwards")
  func status() throws {
    let server = try server("id=\(Sample.film) times=2 status=503 retry-after=7")
    let responses = try (0..<3).map { _ in try fetch(server.port, path) }
    #expect(responses.map(\.status) == [503, 503, 200])
    #expect(responses.map { $0.headers["retry-after"] } == ["7", "7", nil])
    #expect(try responses[0].json()["status_code"] as? Int == 9)
    #expect(responses[2].body == good)
  }

  @Test("cut: Content-Length is that of the whole body, but the connection closes after half of it")
  func cut() throws {
    let server = try server("cut")
    let connection = try RawConnection(port: server.port)
    connection.send(request(path))
    let response = try connection.response()
    #expect(response.status == 200)
    #expect(response.headers["content-length"] == String(good.count))
    #expect(response.headers["x-cut"] == "yes")
    #expect(response.body == Array(good.prefix(good.count / 2)))
    #expect(connection.receiveAll().isEmpty)
  }

  @Test(
    "hang: the client receives nothing, and stopping the server does not wait for it",
    .timeLimit(.minutes(1)))
  func hang() throws {
    let server = try server("id=\(Sample.film) hang")
    let connection = try RawConnection(port: server.port)
    connection.send(request(path))
    // The request is recorded with status 0 once its response is decided.
    while server.requests().isEmpty { sched_yield() }
    #expect(try fetch(server.port, "/3/movie/\(Sample.absent)/credits").status == 404)
    server.stop()
    #expect(connection.receiveAll().isEmpty)
  }

  @Test("close: the connection closes without a response") func close() throws {
    let server = try server("close")
    let connection = try RawConnection(port: server.port)
    connection.send(request(path))
    #expect(connection.receiveAll().isEmpty)
  }

  @Test("malformed: the transfer is complete, but the body is not well-formed JSON") func malformed() throws {
    let server = try server("malformed")
    let response = try fetch(server.port, path)
    #expect(response.status == 200)
    #expect(response.headers["x-cut"] == nil)
    #expect(response.body == Array(good.dropLast(2)))
    #expect(throws: (any Error).self) { try JSONSerialization.jsonObject(with: Data(response.body)) }
  }

  @Test("wrong-id: the body has another film's id") func wrongID() throws {
    let server = try server("wrong-id")
    let id = try #require(Catalogue.tmdbID(imdbID: Sample.film))
    #expect(try fetch(server.port, path).json()["id"] as? Int == id + 1)
  }

  @Test("huge: the body is well-formed and has at least the requested size") func huge() throws {
    let server = try server("huge=2000000")
    let response = try fetch(server.port, path)
    #expect((2_000_000...2_010_000).contains(response.body.count))
    #expect(try response.json()["id"] as? Int == Catalogue.tmdbID(imdbID: Sample.film))
    let connection = try RawConnection(port: server.port)
    connection.send(request(path, "Accept-Encoding: gzip"))
    #expect(try connection.response().body.count < 1_000_000)
  }

  @Test("html: the response is an HTML page with status 502") func html() throws {
    let server = try server("html")
    let response = try fetch(server.port, path)
    #expect(response.status == 502)
    #expect(response.headers["content-type"] == "text/html")
    #expect(response.text.hasPrefix("<html>"))
  }

  @Test("slow: the body arrives complete") func slow() throws {
    let server = try server("slow=20ms")
    #expect(try fetch(server.port, path).body == good)
  }

  @Test("stopping the server interrupts a slow response", .timeLimit(.minutes(1))) func slowStop() throws {
    let server = try server("slow=3600s")
    let connection = try RawConnection(port: server.port)
    connection.send(request(path))
    while server.requests().isEmpty { sched_yield() }
    server.stop()
    #expect(connection.receiveAll().count < good.count)
  }

  @Test(
    "a rule applies by film, by route and by count",
    arguments: [
      ("id=tt0000100 status=500", [true, true, true, false]),
      ("every=2 status=500", [false, true, false, true]),
      ("route=direct status=500", [false, false, true, false]),
      ("route=find every=2 status=500", [false, false, false, true]),
      ("every=2 times=1 status=500", [false, true, false, false]),
      ("status=500", [true, true, true, true]),
      ("id=tt0000999 status=500", [false, false, false, false]),
    ])
  func rules(line: String, applies: [Bool]) throws {
    var script = FaultScript([try FaultRule(parsing: line)])
    let routes: [Route] = [
      .find(imdbID: "tt0000100"), .credits(tmdbID: FilmNumber(100)?.tmdbID ?? 0),
      .directCredits(imdbID: "tt0000100"), .find(imdbID: "tt0000101"),
    ]
    #expect(routes.map { script.next(for: $0) != nil } == applies)
  }

  @Test("the first rule that applies decides, and later rules do not count the request") func order() throws {
    var script = FaultScript([
      try FaultRule(parsing: "every=2 status=502"), try FaultRule(parsing: "times=1 cut"),
    ])
    let faults = (0..<4).map { _ in script.next(for: .unknown) }
    #expect(faults == [.cut, .status(502, retryAfter: nil), nil, .status(502, retryAfter: nil)])
  }

  @Test(
    "the error for an invalid rule names the invalid word",
    arguments: [
      ("", "no fault"), ("times=2", "no fault"), ("id=abc cut", "id=abc"), ("route=x cut", "route=x"),
      ("every=0 cut", "every=0"), ("status=99", "status=99"), ("status=600", "status=600"),
      ("cut hang", "second fault"), ("cut status=500", "two faults"), ("explode", "explode"),
      ("huge=x", "huge=x"), ("slow=fast", "fast"), ("cut=3", "cut=3"),
      ("times=99999999999999999999 cut", "times="), ("huge=999999999", "huge="),
    ])
  func refused(line: String, sentence: String) {
    let error = #expect(throws: UsageError.self) { try FaultRule(parsing: line) }
    #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
  }
}
