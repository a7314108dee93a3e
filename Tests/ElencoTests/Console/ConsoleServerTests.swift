import Foundation
import TestSupport
import Testing

@testable import Elenco
@testable import Shared

/// The console over a socket, with requests that no browser would send.
@Suite("The console's server", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct ConsoleServerTests {
  private let console: TestConsole
  private static let fullRun = Result { try SyntheticRun("full", seed: 11).objects }
  private let run: SyntheticRun.Objects
  private var page: String { "/runs/\(run.run)" }
  private var owner: String { "\(run.prefix)/_runs/_days/2026-11-24.json" }

  init() throws {
    run = try Self.fullRun.get()
    console = try TestConsole(Destination(bucket: run.bucket, prefix: run.prefix))
    for (key, content) in run.objects {
      if case .string(let text) = content {
        console.store.write(key, Array(text.utf8))
      } else {
        console.store.write(key, try JSONText.encode(content))
      }
    }
  }

  @Test(
    "pages, the script and the style have all headers that protect them, and none that allows other sites")
  func headers() throws {
    for path in ["/", "/part", page, page + "/part", "/console.js", "/console.css", "/nowhere"] {
      let response = try console.send(path)
      #expect(response.status == (path == "/nowhere" ? 404 : 200), "\(path)")
      let headers = response.headers
      #expect(headers["x-frame-options"] == "DENY")
      #expect(headers["x-content-type-options"] == "nosniff")
      #expect(headers["referrer-policy"] == "no-referrer")
      #expect(headers["cache-control"] == "no-store")
      #expect(headers["cross-origin-resource-policy"] == "same-origin")
      let policy = headers["content-security-policy"] ?? ""
      for directive in [
        "default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'",
      ] {
        #expect(policy.contains(directive))
      }
      #expect(!policy.contains("unsafe"))
      #expect(!headers.keys.contains { $0.hasPrefix("access-control") })
      #expect(!response.text.contains(console.access.token.value))
      let head = try console.send(path, method: "HEAD")
      #expect(head.status == response.status && head.headers["content-type"] == headers["content-type"])
    }
  }

  @Test("a part that the client has is not sent again")
  func versions() throws {
    let first = try console.send(page + "/part")
    let version = try #require(first.headers["etag"])
    #expect(try console.send(page + "/part", "If-None-Match: \(version)").status == 304)
    #expect(try console.send(page + "/part", "If-None-Match: \"other\"").status == 200)
    #expect(try console.send(page).text.contains(first.text.prefix(200)))
  }

  @Test("a replay and a cancellation from elsewhere are refused, and nothing is done")
  func foreignActions() throws {
    let token = "\(ConsoleRequest.tokenHeader): \(console.access.token.value)"
    let origin = "Origin: \(console.origin)"
    let wrong = "\(ConsoleRequest.tokenHeader): \(String(repeating: "0", count: 32))"
    let before = console.store.bytes(owner)
    for path in [page + "/replay", page + "/shards/3/replay", page + "/cancel"] {
      for headers in [
        [origin], [token], [origin, wrong], ["Origin: http://evil.example", token], ["Origin: null", token],
        [origin, token, "Sec-Fetch-Site: cross-site"],
      ] {
        let connection = try RawConnection(port: console.access.port)
        connection.send(
          (["POST \(path) HTTP/1.1", "Host: 127.0.0.1:\(console.access.port)", "Content-Length: 0"] + headers
            + ["", ""]).joined(separator: "\r\n"))
        #expect(try connection.response().status == 403, "\(path) \(headers)")
      }
      #expect(try console.send(path, method: "POST", host: "evil.example", origin, token).status == 403)
      #expect(try console.send(path).status == 405)
    }
    for path in ["/", page, "/console.js"] {
      #expect(try console.send(path, method: "POST", origin, token, "Content-Length: 0").status == 405)
      #expect(try console.send(path, host: "evil.example").status == 403)
    }
    #expect(try console.send("/", method: "OPTIONS", "Access-Control-Request-Method: POST").status == 405)
    #expect(console.lambda.requests.isEmpty && console.store.bytes(owner) == before)
  }

  @Test(
    "paths that lead out of the console are not found",
    arguments: [
      "/../../etc/passwd", "/runs/..%2f..%2fetc%2fpasswd", "/runs/%2e%2e/%2e%2e/etc/passwd", "/runs/..",
      "//etc",
      "/runs/%00", "/console.js%2f..%2f", "/runs/a%0d%0aX-Injected:%20yes",
    ])
  func traversal(path: String) throws {
    let response = try console.send(path)
    #expect(response.status == 404 || response.status == 400)
    #expect(response.headers["x-injected"] == nil && !response.text.contains("root:"))
    #expect(!console.store.takeRequests().contains { $0.contains("..") || $0.contains("etc") })
  }

  @Test("requests that are too large are refused, and the next one is served", .timeLimit(.minutes(1)))
  func tooLarge() throws {
    let action = page + "/shards/3/replay"
    let headers = [
      "POST \(action) HTTP/1.1", "Host: 127.0.0.1:\(console.access.port)", "Origin: \(console.origin)",
      "\(ConsoleRequest.tokenHeader): \(console.access.token.value)",
    ]
    let connection = try RawConnection(port: console.access.port)
    connection.send((headers + ["Content-Length: 1000000000", "", ""]).joined(separator: "\r\n"))
    #expect(try connection.response().status == 413)
    // A body of unknown size.
    let chunked = try RawConnection(port: console.access.port)
    chunked.send((headers + ["Transfer-Encoding: chunked", "", ""]).joined(separator: "\r\n"))
    chunked.send("2000\r\n\(String(repeating: "x", count: 0x2000))\r\n0\r\n\r\n")
    #expect(!String(decoding: chunked.receiveAll(), as: UTF8.self).contains("HTTP/1.1 2"))
    let long = try console.send("/", "X-Long: \(String(repeating: "x", count: 100_000))")
    #expect((400..<500).contains(long.status))
    #expect((400..<500).contains(try console.send("/\(String(repeating: "x", count: 100_000))").status))
    #expect(console.lambda.requests.isEmpty)
    #expect(try console.send("/console.js").status == 200)
  }

  @Test("clients that send half a request do not keep others from theirs", .timeLimit(.minutes(1)))
  func halfRequests() throws {
    let slow = try (0..<20).map { _ in try RawConnection(port: console.access.port) }
    for connection in slow { connection.send("GET / HTTP/1.1\r\nHost: 127") }
    #expect(try console.send("/console.css").status == 200)
    withExtendedLifetime(slow) {}
  }

  @Test("the button of a failed shard invokes its worker, and that of a complete one does not")
  func replay() throws {
    let response = try console.act(page + "/shards/3/replay")
    #expect(response.status == 202)
    #expect(response.text == "1 worker invoked, for shard 3.\n")
    let event = try #require(try console.events().last)
    #expect(
      event["run"] == .string(run.run) && event["shard"] == .integer(3)
        && event["replay"] == .string("missing"))
    #expect(event["destination"] == .object(["bucket": .string(run.bucket), "prefix": .string(run.prefix)]))
    #expect(try console.send(page + "/part").text.contains("1 worker invoked, for shard 3."))
    for path in ["/shards/0/replay", "/shards/999/replay"] {
      let refused = try console.act(page + path)
      #expect(refused.status == 409 && refused.text.contains("does not need a replay"))
    }
    #expect(try console.act("/runs/other/replay").status == 404)
    #expect(try console.events().count == 1)
    // The shards that failed; the one that stopped counts as running, because its lease is recent.
    let all = try console.act(page + "/replay")
    let failed = try console.events().dropFirst().map { $0["shard"] }
    #expect(all.status == 202 && failed.count == 4)
    for shard in [3, 20, 37, 54] { #expect(failed.contains(.integer(shard))) }
  }

  @Test("the button that cancels a run marks it, and a worker writes the manifest", .timeLimit(.minutes(1)))
  func cancel() throws {
    for shard in 40..<60 { console.store.remove("\(run.prefix)/_runs/\(run.run)/reports/T\(shard).json") }
    let response = try console.act(page + "/cancel")
    #expect(response.status == 202 && response.text.contains("is cancelled"))
    let owner = try JSONText.decode(FolderOwner.self, from: #require(console.store.bytes(owner)))
    #expect(owner.cancelledAt != nil && owner.run.description == run.run)
    // The rest happens after the response.
    while try !console.send(page + "/part").text.contains("its workers have stopped") {}
    #expect(try console.events().map { $0["shard"] } == [.integer(0)])
    let page = try console.send(page).text
    #expect(page.contains("<strong>cancelled</strong>") && page.contains("Continue the run"))
  }

  @Test(
    "a run that is resumed while its workers stop stays resumed, however often the button was used",
    .timeLimit(.minutes(1)))
  func resumedWhileStopping() throws {
    let folder = "\(run.prefix)/_runs/\(run.run)/"
    for shard in 40..<60 { console.store.remove(folder + "reports/T\(shard).json") }
    let lease = Lease(
      state: .held, holder: "worker", until: .now() + .seconds(3600), hop: 0, absent: [],
      requests: ShardReport.Requests(), rate: nil)
    console.store.write(folder + "leases/T50.json", try JSONText.encode(lease))
    for _ in 0..<3 { #expect(try console.act(page + "/cancel").status == 202) }

    // A worker resumes the run, and ends.
    var own = try JSONText.decode(FolderOwner.self, from: #require(console.store.bytes(owner)))
    let time = try #require(own.cancelledAt)
    own.cancelledAt = nil
    console.store.write(owner, try JSONText.encode(own))
    console.store.remove(folder + "leases/T50.json")
    _ = console.store.takeRequests()
    while !console.store.takeRequests().contains("GET \(owner)") {}
    #expect(try console.events().isEmpty)

    #expect(try console.act(page + "/cancel").status == 202)
    while try !console.send(page + "/part").text.contains("its workers have stopped") {}
    #expect(try console.events().map { $0["shard"] } == [.integer(0)])
    let again = try JSONText.decode(FolderOwner.self, from: #require(console.store.bytes(owner)))
    #expect(again.cancelledAt != time)
  }

  @Test("a replay of a replaced run is refused, and the run that has the folder is named")
  func replaced() throws {
    let other = FolderOwner(run: try #require(RunName("other")), selection: nil)
    console.store.write(owner, try JSONText.encode(other))
    for path in ["/replay", "/shards/3/replay"] {
      let refused = try console.act(page + path)
      #expect(
        refused.status == 409 && refused.text.contains("it was replaced by run other"), "\(refused.text)")
    }
    #expect(try console.events().isEmpty)
  }
}
