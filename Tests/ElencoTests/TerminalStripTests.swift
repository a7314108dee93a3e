import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Elenco
@testable import Shared

private enum PseudoTerminal {
  static let isAvailable =
    (try? PythonProgram.run("show_terminal.py", ["--has-terminals"], text: ""))?.hasPrefix("yes") == true
}

/// What `elenco status` and `elenco follow` draw on a terminal, as a terminal emulator shows it.
@Suite(
  "Strip of shards on a terminal",
  .enabled(if: PseudoTerminal.isAvailable, "this system has no pseudo-terminals, or .venv has no pyte"))
struct TerminalStripTests {
  /// Path of the `elenco` executable, which the build places beside the tests.
  private static let command = Bundle.main.executableURL?.deletingLastPathComponent().appending(
    path: "elenco"
  ).path

  private static let shards = 60

  private struct Request: Encodable {
    let command: [String]
    let environment: [String: String]
    let sizes: [[Int]]
  }

  private struct Seen: Decodable {
    let code: Int
    let screen: [String]
    let colors: [String]
  }

  /// Responds as S3 with a run of 60 shards of one film. At the first listing, shards 0 to 9 are complete, 10 to 19 at
  /// work, 20 without a worker, 21 has failed films, and the others wait. From the third listing on, all are complete.
  private static func store(_ request: String, listings: Int) throws -> ScriptedServer.Script {
    let run = try #require(RunName("r"))
    func plan(_ shard: Int) -> ShardPlan {
      ShardPlan(
        run: run, date: "2026-11-24", shard: shard, shards: shards,
        destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: 100, requestsPerSecond: 40,
        rateScope: .run, workers: shards, lookup: .find, genres: ["Drama"],
        films: [String(format: "tt%07d", shard + 1)])
    }
    let layout = plan(0).layout
    func json(_ value: some Encodable) throws -> ScriptedServer.Script {
      .json(String(decoding: try JSONText.encode(value), as: UTF8.self), headers: "ETag: \"x\"\r\n")
    }
    let path = String(request.prefix { $0 != "\r" })
    let isOver = listings > 2
    if let name = path.firstMatch(of: #/\/(shards|reports)\/T([0-9]+)\.json /#), let shard = Int(name.2) {
      guard name.1 == "reports" else { return try json(plan(shard)) }
      let failed = shard == 21 && !isOver
      return try json(
        ShardReport(
          run: run, shard: shard, state: failed ? .incomplete : .complete, films: 1, absent: [],
          failed: failed ? [ShardReport.FailedFilm(id: "tt0000022", reason: "no")] : [], files: [],
          requests: ShardReport.Requests(), requestID: "q", startedAt: "", seconds: 0, peakMemoryBytes: 0))
    }
    guard path.contains("list-type=2") else {
      return .json("<Error><Code>NoSuchKey</Code></Error>", status: 404)
    }
    var objects = (0..<shards).map { (layout.plan(shard: $0), "2026-11-24T03:00:00.000Z") }
    let now = UnixTime.now().iso8601
    if isOver {
      objects += (0..<shards).map { (layout.report(shard: $0), now) } + [(layout.manifest, now)]
    } else {
      objects += (Array(0..<10) + [21]).map { (layout.report(shard: $0), now) }
      objects += (10..<20).map { (layout.lease(shard: $0), now) }
      objects.append((layout.lease(shard: 20), "2026-11-24T03:00:00.000Z"))
    }
    let isRun = path.contains("prefix=p%2F_runs%2Fr%2F")
    let contents = (isRun ? objects : []).map { key, time in
      "<Contents><Key>\(key)</Key><Size>1</Size><ETag>\(isOver)</ETag><LastModified>\(time)</LastModified></Contents>"
    }
    return .json("<ListBucketResult><IsTruncated>false</IsTruncated>\(contents.joined())</ListBucketResult>")
  }

  private static func see(
    _ arguments: [String], sizes: [[Int]], _ variables: [String: String] = [:]
  ) throws -> Seen {
    let listings = Mutex(0)
    let server = try ScriptedServer(
      .choose { request in
        let isListing = request.contains("prefix=p%2F_runs%2Fr%2F")
        let count = listings.withLock { count in
          if isListing { count += 1 }
          return count
        }
        do { return try store(request, listings: count) } catch { return .json("\(error)", status: 400) }
      })
    defer { server.stop() }
    let environment = [
      "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key",
      "AWS_SECRET_ACCESS_KEY": "secret", "HOME": "/nonexistent", "TERM": "xterm-256color", "LANG": "C.UTF-8",
    ].merging(variables) { $1 }
    return try PythonProgram.run(
      "show_terminal.py",
      input: Request(
        command: [try #require(command)] + arguments + ["r", "--bucket", "lake", "--prefix", "p"],
        environment: environment, sizes: sizes))
  }

  @Test("status shows one sign per shard, in colours") func status() throws {
    let seen = try Self.see(["status"], sizes: [[100, 200]])
    #expect(seen.code == 1)
    #expect(
      Array(seen.screen.prefix(3).dropFirst()) == [
        String(repeating: "█", count: 10) + String(repeating: "▒", count: 10) + "?X"
          + String(repeating: "·", count: 38),
        "█ 10 complete  · 38 waiting  ▒ 10 at work  ? 1 without a worker  X 1 failed or stopped",
      ])
    #expect(seen.colors.contains("green") && seen.colors.contains("red"))
  }

  @Test("without UTF-8 and colours, status shows ASCII; at 40 columns, two shards share a sign") func plain()
    throws
  {
    let seen = try Self.see(["status"], sizes: [[40, 300]], ["LANG": "C", "NO_COLOR": "1"])
    // The text of the table wraps, the strip does not. 21 signs are for two shards, 18 for one.
    let strip = "#####" + ">>>>>" + "X" + String(repeating: ".", count: 28)
    #expect(seen.screen.contains(strip), "\(seen.screen)")
    #expect(seen.screen.contains("(1 or 2 shards per sign)") && seen.colors == [])
  }

  @Test("follow draws the strip at one place, and again after the terminal has become wider")
  func follow() throws {
    for sizes in [[[80, 24]], [[40, 24], [100, 24]]] {
      let seen = try Self.see(["follow"], sizes: sizes)
      #expect(seen.code == 0, "\(seen.screen)")
      let isStrip = { (line: String) in !line.isEmpty && line.allSatisfy { "█▒·?X".contains($0) } }
      #expect(seen.screen.filter(isStrip) == [String(repeating: "█", count: 60)], "\(seen.screen)")
      #expect(
        seen.screen.count { $0 == "█ 60 complete" } == 1 && seen.screen.count { $0.hasPrefix("[") } == 1)
    }
  }

  @Test("a dumb terminal gets lines") func dumb() throws {
    let seen = try Self.see(["follow"], sizes: [[200, 24]], ["TERM": "dumb"])
    #expect(
      seen.screen.contains { $0.hasPrefix("shards 11/60  files") } && seen.colors == [], "\(seen.screen)")
    #expect(!seen.screen.contains { $0.contains("█") })
  }
}
