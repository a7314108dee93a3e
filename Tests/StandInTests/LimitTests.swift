/// The rate limit, as a value and over a socket, the peak counter and the timers.
import TestSupport
import Testing

@testable import HTTPServer
@testable import StandIn

@Suite("Rate limits") struct LimitTests {
  private static let path = "/3/movie/\(Sample.film)/credits"

  private static func milliseconds(_ times: [Int]) -> [Duration] { times.map { .milliseconds($0) } }

  @Test(
    "no window contains more admitted requests than the limit",
    arguments: [
      ([0, 1, 2, 3], [true, true, true, false]),
      ([0, 400, 900, 999, 1000, 1399, 1400, 1401], [true, true, true, false, true, false, true, false]),
      // Rejected requests do not count.
      (
        [0, 0, 0, 500, 500, 1000, 1000, 1000, 1000],
        [true, true, true, false, false, true, true, true, false]
      ),
    ] as [([Int], [Bool])])
  func slidingWindow(times: [Int], admitted: [Bool]) {
    var limit = RateLimit(RateLimit.Rule(count: 3, window: .seconds(1)))
    #expect(LimitTests.milliseconds(times).map { limit.admits(at: $0) } == admitted)
  }

  @Test(
    "each caller has its own limit, depending on the scope",
    arguments: [
      (RateLimits.Scope.all, [true, false, false, false]),
      (.key, [true, true, false, false]),
      (.address, [true, false, true, false]),
      (.connection, [true, false, true, true]),
    ])
  func scopes(scope: RateLimits.Scope, admitted: [Bool]) {
    var limits = RateLimits(RateLimit.Rule(count: 1, window: .seconds(1)), scope: scope)
    let requests = [("a", "10.0.0.1", 1), ("b", "10.0.0.1", 1), ("a", "10.0.0.2", 1), ("b", "10.0.0.2", 2)]
      .map { Request(path: "/", authorization: $0, address: $1, peerPort: UInt16($2)) }
    #expect(requests.map { limits.admits($0, at: .zero) } == admitted)
  }

  private static func server(count: Int, scope: RateLimits.Scope = .all) throws -> StandInServer {
    var configuration = Configuration()
    configuration.limit(to: count, per: .seconds(3600))
    configuration.limitScope = scope
    return try StandInServer(configuration)
  }

  @Test("a limit per process counts all connections of a process together")
  func process() throws {
    let server = try LimitTests.server(count: 2, scope: .process)
    defer { server.stop() }
    #expect(try (0..<3).map { _ in try fetch(server.port, LimitTests.path).status } == [200, 200, 429])
    // Another process has its own limit, over two connections.
    let url = server.baseURL + LimitTests.path
    let curl = ["-s", "-o", "/dev/null", "-w", "%{http_code} ", "-H", "Authorization: Bearer t", url]
    let statuses = try ChildProcess.run("/usr/bin/env", ["curl"] + curl + ["--next"] + curl)
    #expect(statuses == "200 200 ")
  }

  @Test("the process of a connection is found even if its port was just used with another server")
  func portUsedTwice() throws {
    let (earlier, server) = (try StandInServer(), try LimitTests.server(count: 20, scope: .process))
    defer {
      earlier.stop()
      server.stop()
    }
    // The client closes its connections to the first server, so the system keeps their ports for a minute (TIME_WAIT).
    let ports = try (0..<20).map { _ in UInt16(try Loopback.freePort()) }
    for port in ports {
      let connection = try RawConnection(port: earlier.port, ownPort: port)
      connection.send(request(LimitTests.path))
      #expect(try connection.response().status == 200)
    }
    for port in ports {
      let connection = try RawConnection(port: server.port, ownPort: port)
      connection.send(request(LimitTests.path))
      #expect(try connection.response().status == 200)
    }
    // All twenty requests counted against this process's limit.
    #expect(try fetch(server.port, LimitTests.path).status == 429)
  }

  @Test("a port that another process uses next counts against that process's limit")
  func portReused() throws {
    let server = try LimitTests.server(count: 1, scope: .process)
    defer { server.stop() }
    let port = try Loopback.freePort()
    do {
      // The server closes this connection, so the system frees the client's port.
      let connection = try RawConnection(port: server.port, ownPort: UInt16(port))
      connection.send(request(LimitTests.path, "Connection: close"))
      #expect(connection.receiveAll().starts(with: Array("HTTP/1.1 200 ".utf8)))
    }
    let status = try ChildProcess.run(
      "/usr/bin/env",
      [
        "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--local-port", "\(port)",
        "-H", "Authorization: Bearer t", server.baseURL + LimitTests.path,
      ])
    #expect(status == "200")
  }

  @Test("idle callers are forgotten, and new callers are refused if too many are active") func callersMax() {
    var limits = RateLimits(RateLimit.Rule(count: 1, window: .seconds(1)), scope: .key)
    func admits(_ key: Int, _ now: Duration) -> Bool {
      limits.admits(Request(path: "/", authorization: "\(key)"), at: now)
    }
    #expect((0..<RateLimits.callersMax).allSatisfy { admits($0, .zero) })
    #expect(!admits(-1, .zero))
    #expect(admits(-1, .seconds(1)))
  }

  @Test("a request beyond the limit gets a 429 with code 25", arguments: [nil, 7] as [Int?])
  func tooMany(retryAfter: Int?) throws {
    var configuration = Configuration()
    configuration.limit(to: 3, per: .seconds(3600))
    configuration.retryAfter = retryAfter
    let server = try StandInServer(configuration)
    let responses = try (0..<5).map { _ in try fetch(server.port, LimitTests.path) }
    #expect(responses.map(\.status) == [200, 200, 200, 429, 429])
    #expect(try responses[4].json()["status_code"] as? Int == 25)
    #expect(responses[4].headers["retry-after"] == retryAfter.map(String.init))
    server.reset()
    #expect(try fetch(server.port, LimitTests.path).status == 200)
  }

  @Test("a request with a wrong token does not count against the limit") func unauthorizedIsFree() throws {
    let server = try LimitTests.server(count: 1)
    #expect(try fetch(server.port, "/3/movie/1/credits", token: nil).status == 401)
    #expect(try fetch(server.port, LimitTests.path).status == 200)
    #expect(try fetch(server.port, LimitTests.path).status == 429)
  }

  @Test("the peak is the maximum over all windows of one second") func peak() {
    var window = PeakWindow()
    let times = (0..<20_000).map { $0 * 7919 % 100_000 }.sorted()
    for time in times { window.add(.milliseconds(time)) }
    let expected = times.indices.map { first in
      times[first...].prefix { $0 - times[first] < 1000 }.count
    }.max()
    #expect(window.peak == expected)
  }

  @Test("timers fire in order of time, whatever the order in which they were added") func timers() {
    var timers = TimerHeap<Int>()
    let times = (0..<500).map { $0 * 7919 % 499 }
    for time in times { timers.add(time, at: .milliseconds(time)) }
    #expect(timers.next(at: .milliseconds(-1)) == nil)
    var fired: [Int] = []
    while let next = timers.next(at: .milliseconds(250)) { fired.append(next) }
    #expect(fired == times.filter { $0 <= 250 }.sorted())
    #expect(timers.earliest == .milliseconds(251))
  }
}
