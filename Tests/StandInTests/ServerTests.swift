/// The server as a whole: records, the log, many connections, starting and stopping.
import Foundation
import HTTPServer
import TestSupport
import Testing

@testable import StandIn

@Suite("The server") struct ServerTests {
  private let path = "/3/movie/\(Sample.film)/credits"

  @Test("requests are counted by route and status") func statistics() throws {
    let server = try StandInServer()
    _ = try fetch(server.port, path)
    _ = try fetch(server.port, "/3/find/\(Sample.film)?external_source=imdb_id")
    _ = try fetch(server.port, "/3/find/\(Sample.film)")
    _ = try fetch(server.port, "/3/movie/200000000/credits")
    _ = try fetch(server.port, "/nowhere", token: nil)
    let counts = try fetch(server.port, "/_standin/stats", token: nil).json()
    #expect(counts["requests"] as? Int == 5)
    #expect(
      counts["routes"] as? [String: [String: Int]] == [
        "find": ["200": 1, "422": 1], "credits": ["404": 1], "direct": ["200": 1], "changes": [:],
        "other": ["401": 1],
      ])
    #expect(counts["peakPerSecond"] as? Int ?? 0 >= 1)
    server.reset()
    #expect(try fetch(server.port, "/_standin/stats").json()["requests"] as? Int == 0)
  }

  @Test("with keepsRequests, requests are kept in memory until the reset") func records() throws {
    var configuration = Configuration()
    configuration.keepsRequests = true
    let server = try StandInServer(configuration)
    let response = try fetch(server.port, path + "?language=pt")
    _ = try fetch(server.port, "/3/movie/x/credits", method: "DELETE")
    let requests = server.requests()
    #expect(requests.map(\.path) == [path, "/3/movie/x/credits"])
    #expect(requests.map(\.method) == ["GET", "DELETE"])
    #expect(requests.map(\.status) == [200, 405])
    #expect(requests.first?.bodyBytes == response.body.count)
    server.reset()
    #expect(server.requests().isEmpty)
  }

  @Test("the log has a line of seven fields per request, and never the token") func log() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "standin-\(UUID().uuidString).log")
    defer { try? FileManager.default.removeItem(at: file) }
    var configuration = Configuration()
    configuration.logPath = file.path
    let server = try StandInServer(configuration)
    _ = try fetch(server.port, path, token: "very-secret")
    _ = try fetch(server.port, "/a%0Ab%20c?api_key=very-secret")
    server.stop()
    let text = try String(contentsOf: file, encoding: .utf8)
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.count == 7 })
    #expect(lines.map { $0[3] } == [path, "/a?b?c"])
    #expect(lines.map { $0[4] } == ["200", "404"])
    #expect(lines[0][5] == String(Catalogue.credits(imdbID: Sample.film)?.count ?? 0))
    #expect(!text.contains("secret"))
  }

  @Test("a thousand kept-alive connections each get two delayed responses") func manyConnections() throws {
    var configuration = Configuration()
    configuration.latency = .milliseconds(1)
    configuration.keepsRequests = true
    Listener.raiseFileLimit()
    let server = try StandInServer(configuration)
    let connections = try (0..<1000).map { _ in try RawConnection(port: server.port) }
    for _ in 0..<2 {
      for connection in connections {
        connection.send(request("/3/find/\(Sample.absent)?external_source=imdb_id"))
      }
      for connection in connections { #expect(try connection.response().text == emptyFind) }
    }
    #expect(server.requests().count == 2000)
  }

  @Test("two servers run side by side, a stopped one refuses connections, and its port can be reused")
  func startStop() throws {
    let first = try StandInServer()
    let second = try StandInServer()
    #expect(first.port != second.port)
    let port = first.port
    #expect(try fetch(port, path).status == 200)
    first.stop()
    first.stop()
    #expect(throws: ClientError.self) { try fetch(port, path) }
    #expect(try fetch(second.port, path).status == 200)
    var configuration = Configuration()
    configuration.port = port
    let third = try StandInServer(configuration)
    #expect(try fetch(third.port, path).status == 200)
    #expect(throws: StandInError.server(.listen(port: port, errno: EADDRINUSE))) {
      try StandInServer(configuration)
    }
  }

  @Test("the error for a log that cannot be opened names the file") func badLog() {
    var configuration = Configuration()
    configuration.logPath = "/nowhere/standin.log"
    #expect(throws: StandInError.log(path: "/nowhere/standin.log", errno: ENOENT)) {
      try StandInServer(configuration)
    }
  }

  @Test(
    "input that is not HTTP does not disturb the server", .timeLimit(.minutes(1)),
    arguments: ["\r\n\r\n\r\n", "GET\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "G", ""])
  func garbage(text: String) throws {
    var configuration = Configuration()
    configuration.keepsRequests = true
    let server = try StandInServer(configuration)
    do {
      let connection = try RawConnection(port: server.port)
      connection.send(text)
    }
    #expect(try fetch(server.port, path).status == 200)
    #expect(server.requests().count == 1)
  }
}
