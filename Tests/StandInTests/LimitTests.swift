/// The rate limit as a value and over a socket; the peak counter.
import TestSupport
import Testing

@testable import StandIn

@Suite("Limits") struct LimitTests {
  private static func milliseconds(_ times: [Int]) -> [Duration] { times.map { .milliseconds($0) } }

  @Test(
    "no window ever holds more than the limit",
    arguments: [
      ([0, 1, 2, 3], [true, true, true, false]),
      ([0, 400, 900, 999, 1000, 1399, 1400, 1401], [true, true, true, false, true, false, true, false]),
      // What is refused takes up no room.
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
    "each caller has a limit of its own, by the scope",
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

  @Test("a limit for each process counts all its connections together")
  func process() throws {
    var configuration = Configuration()
    configuration.limit(to: 2, per: .seconds(3600))
    configuration.limitScope = .process
    let server = try StandInServer(configuration)
    defer { server.stop() }
    let path = "/3/movie/\(Sample.film)/credits"
    #expect(try (0..<3).map { _ in try ask(server.port, path).status } == [200, 200, 429])
    // Another process has a limit of its own, over its two connections too.
    let url = server.baseURL + path
    let answers = try ChildProcess.run(
      "/usr/bin/env",
      ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} ", "-H", "Authorization: Bearer t"]
        + [
          url, "--next", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Authorization: Bearer t", url,
        ])
    #expect(answers == "200 200")
  }

  @Test("whose a connection is does not depend on what else its port led to")
  func portUsedTwice() throws {
    var configuration = Configuration()
    configuration.limit(to: 20, per: .seconds(3600))
    configuration.limitScope = .process
    let (other, server) = (try StandInServer(), try StandInServer(configuration))
    defer {
      other.stop()
      server.stop()
    }
    // Connections to another server that just ended, by this side: the system keeps their ports for a minute.
    let ports = try (0..<20).map { _ in UInt16(try Loopback.freePort()) }
    for port in ports {
      let connection = try RawConnection(port: other.port, ownPort: port)
      connection.send(request("/_standin/stats"))
      #expect(try connection.answer().status == 200)
    }
    let path = "/3/movie/\(Sample.film)/credits"
    for port in ports {
      let connection = try RawConnection(port: server.port, ownPort: port)
      connection.send(request(path))
      #expect(try connection.answer().status == 200)
    }
    // All twenty were this process's.
    #expect(try ask(server.port, path).status == 429)
  }

  @Test("a port that another process has next counts as that process's")
  func portHandedOn() throws {
    var configuration = Configuration()
    configuration.limit(to: 1, per: .seconds(3600))
    configuration.limitScope = .process
    let server = try StandInServer(configuration)
    defer { server.stop() }
    let path = "/3/movie/\(Sample.film)/credits"
    let port = try Loopback.freePort()
    do {
      // The server closes it: this side's system does not keep the port then.
      let connection = try RawConnection(port: server.port, ownPort: UInt16(port))
      connection.send(request(path, "Connection: close"))
      #expect(connection.receiveAll().starts(with: Array("HTTP/1.1 200 ".utf8)))
    }
    let status = try ChildProcess.run(
      "/usr/bin/env",
      [
        "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--local-port", "\(port)",
        "-H", "Authorization: Bearer t", server.baseURL + path,
      ])
    #expect(status == "200")
  }

  @Test("callers are forgotten when they are idle, and refused when there are too many") func callersMax() {
    var limits = RateLimits(RateLimit.Rule(count: 1, window: .seconds(1)), scope: .key)
    func admits(_ key: Int, _ now: Duration) -> Bool {
      limits.admits(Request(path: "/", authorization: "\(key)"), at: now)
    }
    #expect((0..<RateLimits.callersMax).allSatisfy { admits($0, .zero) })
    #expect(!admits(-1, .zero))
    #expect(admits(-1, .seconds(1)))
  }

  @Test("over the limit comes a 429 with code 25", arguments: [nil, 7] as [Int?])
  func tooMany(retryAfter: Int?) throws {
    var configuration = Configuration()
    configuration.limit(to: 3, per: .seconds(3600))
    configuration.retryAfter = retryAfter
    let server = try StandInServer(configuration)
    let answers = try (0..<5).map { _ in try ask(server.port, "/3/movie/\(Sample.film)/credits") }
    #expect(answers.map(\.status) == [200, 200, 200, 429, 429])
    #expect(try answers[4].json()["status_code"] as? Int == 25)
    #expect(answers[4].headers["retry-after"] == retryAfter.map(String.init))
    #expect(try ask(server.port, "/_standin/reset", method: "POST", token: nil).status == 200)
    #expect(try ask(server.port, "/3/movie/\(Sample.film)/credits").status == 200)
  }

  @Test("a refused token takes no place in the window") func unauthorizedIsFree() throws {
    var configuration = Configuration()
    configuration.limit(to: 1, per: .seconds(3600))
    let server = try StandInServer(configuration)
    #expect(try ask(server.port, "/3/movie/1/credits", token: nil).status == 401)
    #expect(try ask(server.port, "/3/movie/\(Sample.film)/credits").status == 200)
    #expect(try ask(server.port, "/3/movie/\(Sample.film)/credits").status == 429)
  }

  @Test("the peak is the fullest window, found anywhere") func peak() {
    var window = PeakWindow()
    let times = (0..<20_000).map { $0 * 7919 % 100_000 }.sorted()
    for time in times { window.add(.milliseconds(time)) }
    let expected = times.indices.map { first in
      times[first...].prefix { $0 - times[first] < 1000 }.count
    }.max()
    #expect(window.peak == expected)
  }

  @Test("a delay lies within the jitter and is the same for the same request") func jitter() {
    var configuration = Configuration()
    configuration.latency = .milliseconds(50)
    #expect(configuration.delay(of: 1) == .milliseconds(50))
    configuration.jitter = .milliseconds(20)
    let delays = (0..<1000).map { configuration.delay(of: $0) }
    #expect(delays.allSatisfy { (.milliseconds(30) ... .milliseconds(70)).contains($0) })
    #expect(Set(delays).count > 900)
    #expect(delays == (0..<1000).map { configuration.delay(of: $0) })
  }

  @Test("due times come in order, whatever the order they were added in") func dueTimes() {
    var due = TimerHeap<Int>()
    let times = (0..<500).map { $0 * 7919 % 499 }
    for time in times { due.add(time, at: .milliseconds(time)) }
    #expect(due.next(at: .milliseconds(-1)) == nil)
    var taken: [Int] = []
    while let next = due.next(at: .milliseconds(250)) { taken.append(next) }
    #expect(taken == times.filter { $0 <= 250 }.sorted())
    #expect(due.earliest == .milliseconds(251))
  }
}
