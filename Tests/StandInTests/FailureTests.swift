/// Failures by script, every kind of them over a socket, and the rules that say when.
import Foundation
import Testing

@testable import StandIn

@Suite("Failures") struct FailureTests {
  private let path = "/3/movie/\(Sample.film)/credits"
  private let good = Catalogue.credits(imdbID: Sample.film) ?? []

  private func server(_ rules: String...) throws -> StandInServer {
    var configuration = Configuration()
    configuration.failRules = try rules.map { try FaultRule(parsing: $0) }
    return try StandInServer(configuration)
  }

  @Test("a status comes as often as told, then the answer") func status() throws {
    let server = try server("id=\(Sample.film) times=2 status=503 retry-after=7")
    let answers = try (0..<3).map { _ in try ask(server.port, path) }
    #expect(answers.map(\.status) == [503, 503, 200])
    #expect(answers.map { $0.headers["retry-after"] } == ["7", "7", nil])
    #expect(try answers[0].json()["status_code"] as? Int == 9)
    #expect(answers[2].body == good)
  }

  @Test("cut: the length is whole, the body half, then the connection is closed") func cut() throws {
    let server = try server("cut")
    let connection = try RawConnection(port: server.port)
    connection.send(request(path))
    let answer = try connection.answer()
    #expect(answer.status == 200)
    #expect(answer.headers["content-length"] == String(good.count))
    #expect(answer.headers["x-cut"] == "yes")
    #expect(answer.body == Array(good.prefix(good.count / 2)))
    #expect(connection.receiveAll().isEmpty)
  }

  @Test("hang: nothing comes until the server stops, and stopping does not wait", .timeLimit(.minutes(1)))
  func hang() throws {
    let server = try server("id=\(Sample.film) hang")
    let connection = try RawConnection(port: server.port)
    connection.send(request(path))
    // Its answer is decided: status 0 is counted.
    while server.statistics().statuses[0] == nil { sched_yield() }
    #expect(try ask(server.port, "/3/movie/\(Sample.absent)/credits").status == 404)
    server.stop()
    #expect(connection.receiveAll().isEmpty)
  }

  @Test("close: the connection ends without an answer") func close() throws {
    let server = try server("close")
    let connection = try RawConnection(port: server.port)
    connection.send(request(path))
    #expect(connection.receiveAll().isEmpty)
  }

  @Test("malformed: the transfer is whole, the JSON is not") func malformed() throws {
    let server = try server("malformed")
    let answer = try ask(server.port, path)
    #expect(answer.status == 200)
    #expect(answer.headers["x-cut"] == nil)
    #expect(answer.body == Array(good.dropLast(2)))
    #expect(throws: (any Error).self) { try JSONSerialization.jsonObject(with: Data(answer.body)) }
  }

  @Test("wrong-id: all is well but for the id") func wrongID() throws {
    let server = try server("wrong-id")
    let id = try #require(Catalogue.tmdbID(imdbID: Sample.film))
    #expect(try ask(server.port, path).json()["id"] as? Int == id + 1)
  }

  @Test("huge: well-formed credits of at least so many bytes") func huge() throws {
    let server = try server("huge=2000000")
    let answer = try ask(server.port, path)
    #expect((2_000_000...2_010_000).contains(answer.body.count))
    #expect(try answer.json()["id"] as? Int == Catalogue.tmdbID(imdbID: Sample.film))
    let connection = try RawConnection(port: server.port)
    connection.send(request(path, "Accept-Encoding: gzip"))
    #expect(try connection.answer().body.count < 1_000_000)
  }

  @Test("html: a page, 502 unless told otherwise", arguments: [("html", 502), ("html status=200", 200)])
  func html(rule: String, status: Int) throws {
    let server = try server(rule)
    let answer = try ask(server.port, path)
    #expect(answer.status == status)
    #expect(answer.headers["content-type"] == "text/html")
    #expect(answer.text.hasPrefix("<html>"))
  }

  @Test("slow: the same bytes in the end") func slow() throws {
    let server = try server("slow=20ms")
    #expect(try ask(server.port, path).body == good)
  }

  @Test("a slow answer is broken off when the server stops", .timeLimit(.minutes(1))) func slowStop() throws {
    let server = try server("slow=3600s")
    let connection = try RawConnection(port: server.port)
    connection.send(request(path))
    while server.statistics().answers.isEmpty { sched_yield() }
    server.stop()
    #expect(connection.receiveAll().count < good.count)
  }

  @Test(
    "rules choose by film on every route, by route, and by count",
    arguments: [
      ("id=tt0000100 status=500", [true, true, true, false]),
      ("id=\(FilmNumber(100)?.tmdbID ?? 0) status=500", [true, true, true, false]),
      ("route=find status=500", [true, false, false, true]),
      ("route=credits status=500", [false, true, false, false]),
      ("route=direct status=500", [false, false, true, false]),
      ("every=2 status=500", [false, true, false, true]),
      ("after=1 times=2 status=500", [false, true, true, false]),
      ("every=2 times=1 status=500", [false, true, false, false]),
      ("status=500", [true, true, true, true]),
      ("id=tt0000999 status=500", [false, false, false, false]),
    ])
  func rules(line: String, acts: [Bool]) throws {
    var script = FaultScript([try FaultRule(parsing: line)])
    let routes: [Route] = [
      .find(imdbID: "tt0000100"), .credits(tmdbID: FilmNumber(100)?.tmdbID ?? 0),
      .directCredits(imdbID: "tt0000100"), .find(imdbID: "tt0000101"),
    ]
    #expect(routes.map { script.next(for: $0) != nil } == acts)
  }

  @Test("the first rule that acts decides, and the next ones do not count it") func order() throws {
    var script = FaultScript(try FaultRule.script("# two rules\n\n  every=2 status=502\ntimes=1 cut\n"))
    let outcomes = (0..<4).map { _ in script.next(for: .unknown) }
    #expect(
      outcomes == [
        .cut, .status(502, retryAfter: nil), nil, .status(502, retryAfter: nil),
      ])
  }

  @Test(
    "a rule that cannot be read is refused and the word named",
    arguments: [
      ("", "says no failure"), ("times=2", "says no failure"), ("id=abc cut", "id=abc"),
      ("route=x cut", "route=x"), ("every=0 cut", "every=0"), ("status=99", "status=99"),
      ("status=600", "status=600"), ("cut hang", "two failures"), ("cut status=500", "two failures"),
      ("explode", "explode"), ("huge=x", "huge=x"), ("slow=fast", "fast"), ("cut=3", "cut=3"),
      ("times=99999999999999999999 cut", "times="), ("huge=999999999", "huge="),
    ])
  func refused(line: String, sentence: String) {
    let error = #expect(throws: UsageError.self) { try FaultRule(parsing: line) }
    #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
  }
}
