/// The server as a whole: counters, the log, many connections, starting and stopping.
import Foundation
import Testing

@testable import StandIn

@Suite("The server") struct ServerTests {
  private let path = "/3/movie/\(Sample.film)/credits"

  @Test("counts requests by route and status, and not its own routes") func statistics() throws {
    let server = try StandInServer()
    _ = try ask(server.port, path)
    _ = try ask(server.port, "/3/find/\(Sample.film)?external_source=imdb_id")
    _ = try ask(server.port, "/3/find/\(Sample.film)")
    _ = try ask(server.port, "/3/movie/200000000/credits")
    _ = try ask(server.port, "/nowhere", token: nil)
    let counts = try ask(server.port, "/_standin/stats", token: nil).json()
    #expect(counts["requests"] as? Int == 5)
    #expect(counts["statuses"] as? [String: Int] == ["200": 2, "401": 1, "404": 1, "422": 1])
    #expect(
      counts["routes"] as? [String: [String: Int]] == [
        "find": ["200": 1, "422": 1], "credits": ["404": 1], "direct": ["200": 1], "other": ["401": 1],
      ])
    #expect(counts["inFlightPeak"] as? Int ?? 0 >= 1)
    #expect(server.statistics().requests == 5)
    #expect(try ask(server.port, "/_standin/reset", method: "POST").status == 200)
    #expect(server.statistics().requests == 0)
    #expect(try ask(server.port, "/_standin/reset").status == 405)
  }

  @Test("keeps the requests in memory when told") func records() throws {
    var configuration = Configuration()
    configuration.keepsRequests = true
    let server = try StandInServer(configuration)
    let answer = try ask(server.port, path + "?language=pt")
    _ = try ask(server.port, "/3/movie/x/credits", method: "DELETE")
    let requests = server.requests()
    #expect(requests.map(\.path) == [path, "/3/movie/x/credits"])
    #expect(requests.map(\.method) == ["GET", "DELETE"])
    #expect(requests.map(\.status) == [200, 405])
    #expect(requests.first?.bodyBytes == answer.body.count)
  }

  @Test("the log has a line a request, seven words each, and never the token") func log() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "standin-\(UUID().uuidString).log")
    defer { try? FileManager.default.removeItem(at: file) }
    var configuration = Configuration()
    configuration.logPath = file.path
    configuration.failRules = [try FaultRule(parsing: "route=other close")]
    let server = try StandInServer(configuration)
    _ = try ask(server.port, path, token: "very-secret")
    _ = try? ask(server.port, "/a%0Ab%20c?api_key=very-secret")
    server.stop()
    let text = try String(contentsOf: file, encoding: .utf8)
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.count == 7 })
    #expect(lines.map { $0[3] } == [path, "/a?b?c"])
    #expect(lines.map { $0[4] } == ["200", "0"])
    #expect(lines[0][5] == String(Catalogue.credits(imdbID: Sample.film)?.count ?? 0))
    #expect(!text.contains("secret"))
  }

  @Test("a thousand connections kept alive are all served, twice, after a wait") func manyConnections() throws
  {
    var configuration = Configuration()
    configuration.latency = .milliseconds(1)
    configuration.jitter = .milliseconds(1)
    Listener.raiseFileLimit()
    let server = try StandInServer(configuration)
    let connections = try (0..<1000).map { _ in try RawConnection(port: server.port) }
    for _ in 0..<2 {
      for connection in connections {
        connection.send(request("/3/find/\(Sample.absent)?external_source=imdb_id"))
      }
      for connection in connections { #expect(try connection.answer().text == emptyFind) }
    }
    #expect(server.statistics().connectionsPeak == 1000)
    #expect(server.statistics().statuses == [200: 2000])
  }

  @Test("two run side by side, a stopped one refuses, and its port can be taken again") func startStop()
    throws
  {
    let first = try StandInServer()
    let second = try StandInServer()
    #expect(first.port != second.port)
    let port = first.port
    #expect(try ask(port, path).status == 200)
    first.stop()
    first.stop()
    #expect(throws: ClientError.self) { try ask(port, path) }
    #expect(try ask(second.port, path).status == 200)
    var configuration = Configuration()
    configuration.port = port
    let third = try StandInServer(configuration)
    #expect(try ask(third.port, path).status == 200)
    #expect(throws: StandInError.listen(address: "127.0.0.1", port: port, errno: EADDRINUSE)) {
      try StandInServer(configuration)
    }
  }

  @Test("a start that cannot be says why") func badStart() {
    var configuration = Configuration()
    configuration.bindAddress = "localhost"
    #expect(throws: StandInError.address("localhost")) { try StandInServer(configuration) }
    configuration.bindAddress = "127.0.0.1"
    configuration.logPath = "/nowhere/standin.log"
    #expect(throws: StandInError.log(path: "/nowhere/standin.log", errno: ENOENT)) {
      try StandInServer(configuration)
    }
  }

  @Test(
    "what is no HTTP does no harm", .timeLimit(.minutes(1)),
    arguments: ["\r\n\r\n\r\n", "GET\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "G", ""])
  func garbage(text: String) throws {
    let server = try StandInServer()
    do {
      let connection = try RawConnection(port: server.port)
      connection.send(text)
    }
    #expect(try ask(server.port, path).status == 200)
    // An answer may be here before the server has noted that it is through.
    while server.statistics().inFlight > 0 { sched_yield() }
    #expect(server.statistics().requests == 1)
  }
}
