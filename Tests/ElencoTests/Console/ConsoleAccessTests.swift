import Testing

@testable import Elenco
@testable import Shared

/// Which requests the console accepts, and what its paths stand for.
@Suite("Access to the console") struct ConsoleAccessTests {
  private let access = ConsoleAccess(port: 4321, token: Secret(String(repeating: "a", count: 32)))

  private func status(_ change: (inout ConsoleRequest) -> Void) -> Int? {
    var request = ConsoleRequest(path: "/")
    request.host = "127.0.0.1:4321"
    change(&request)
    return access.refusal(of: request)?.status
  }

  /// A request to change something, as the console's own page sends it.
  private func action(_ change: (inout ConsoleRequest) -> Void = { _ in }) -> Int? {
    status { request in
      request.method = "POST"
      request.origin = "http://127.0.0.1:4321"
      request.fetchSite = "same-origin"
      request.token = String(repeating: "a", count: 32)
      change(&request)
    }
  }

  @Test("the console's own pages are served, by both names of this machine, and so are links and bookmarks")
  func accepted() {
    #expect(status { _ in } == nil)
    #expect(status { $0.host = "localhost:4321" } == nil)
    #expect(status { $0.host = "LocalHost:4321" } == nil)
    #expect(status { $0.method = "HEAD" } == nil)
    #expect(status { $0.fetchSite = "same-origin" } == nil)
    #expect(status { ($0.fetchSite, $0.fetchDestination) = ("none", "document") } == nil)
    #expect(status { ($0.fetchSite, $0.fetchDestination) = ("cross-site", "document") } == nil)
    #expect(action() == nil)
    #expect(action { ($0.host, $0.origin) = ("localhost:4321", "http://localhost:4321") } == nil)
    // Firefox before version 90 and Safari before 16.4 send no such header.
    #expect(action { $0.fetchSite = nil } == nil)
  }

  @Test(
    "another host name is refused, as after DNS rebinding",
    arguments: [
      nil, "", "evil.example", "evil.example:4321", "127.0.0.1", "127.0.0.1:4322", "localhost",
      "127.0.0.1:4321.evil.example", "127.0.0.1:4321@evil.example", " 127.0.0.1:4321", "[::1]:4321",
      "2130706433:4321",
    ])
  func hosts(host: String?) {
    #expect(status { $0.host = host } == 403)
    #expect(action { $0.host = host } == 403)
  }

  @Test(
    "another origin is refused",
    arguments: [
      "null", "", "http://evil.example", "https://127.0.0.1:4321", "http://127.0.0.1:4322",
      "http://127.0.0.1",
      "http://127.0.0.1:4321.evil.example", "http://127.0.0.1:4321/", "file://",
    ])
  func origins(origin: String) {
    #expect(status { $0.origin = origin } == 403)
    #expect(action { $0.origin = origin } == 403)
  }

  @Test("what another site's page loads is refused, and so is every action from there")
  func foreignSites() {
    for site in ["cross-site", "same-site"] {
      for destination in [nil, "empty", "script", "image", "iframe", "frame", "object"] {
        #expect(status { ($0.fetchSite, $0.fetchDestination) = (site, destination) } == 403)
      }
      #expect(action { ($0.fetchSite, $0.fetchDestination) = (site, "document") } == 403)
    }
  }

  @Test("an action without an origin, or without the token, is refused")
  func tokens() {
    #expect(action { $0.origin = nil } == 403)
    for token in [nil, "", "a", String(repeating: "a", count: 31) + "b", String(repeating: "a", count: 33)] {
      #expect(action { $0.token = token } == 403)
    }
  }

  @Test("other methods are refused", arguments: ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get", ""])
  func methods(method: String) {
    #expect(status { $0.method = method } == 405)
  }

  @Test("each start has another token, of 32 hexadecimal digits")
  func newTokens() {
    let tokens = (0..<100).map { _ in ConsoleAccess.newToken().value }
    #expect(Set(tokens).count == 100)
    #expect(tokens.allSatisfy { $0.wholeMatch(of: #/[0-9a-f]{32}/#) != nil })
  }

  @Test("paths of pages and actions")
  func routes() throws {
    let run = try #require(RunName("20261124T030000Z-53dc4d37"))
    let folder = "/runs/20261124T030000Z-53dc4d37"
    let routes: [(String, ConsoleRoute?)] = [
      ("/", .page(.runs, isPart: false)), ("/part", .page(.runs, isPart: true)),
      (folder, .page(.run(run), isPart: false)), (folder + "/part", .page(.run(run), isPart: true)),
      ("/console.js", .script), ("/console.css", .style), (folder + "/cancel", .action(run, .cancel)),
      (folder + "/replay", .action(run, .replay(shard: nil))),
      (folder + "/shards/17/replay", .action(run, .replay(shard: 17))),
    ]
    for (path, route) in routes {
      #expect(ConsoleRoute(path: path) == route)
      if case .page(let subject, isPart: false)? = route { #expect(subject.path == path) }
      if case .action(let run, let action)? = route { #expect(action.path(run) == path) }
    }
  }

  @Test(
    "a path that is none of these has no meaning",
    arguments: [
      "", "//", "/.", "/..", "/runs", "/runs/", "/runs/..", "/runs/../..", "/runs/a/../b", "/runs/_days",
      "/runs/-a",
      "/runs/a b", "/runs/a%2fb", "/runs/a/", "/runs//part", "/runs/a/part/", "/runs/a/shards/replay",
      "/runs/a/shards//replay", "/runs/a/shards/-1/replay", "/runs/a/shards/+1/replay",
      "/runs/a/shards/01/replay", "/runs/a/shards/1000/replay/x",
      "/runs/a/shards/99999999999999999999/replay",
      "/runs/\u{1}", "/runs/ä", "/console.js/", "/Console.js", "/etc/passwd", "console.js",
    ])
  func otherPaths(path: String) { #expect(ConsoleRoute(path: path) == nil) }
}
