import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// Runs that start from an earlier one, against a TMDB whose films change from day to day.
  @Suite("Runs that start from a base") struct RefreshTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    /// The films of a test, and what happens to some of them at TMDB.
    private struct Script {
      let changed: [String]
      let vanished: [String]
      let merged: String
      let appeared: String
      let absent: [String]
      let edits: [Edit]

      init(selection: [String]) throws {
        let present = selection.filter { Catalogue.credits(imdbID: $0) != nil }
        absent = selection.filter { Catalogue.credits(imdbID: $0) == nil }
        changed = Array(present[10..<20])
        vanished = Array(present[30..<32])
        merged = present[40]
        appeared = try #require(absent.first)
        let lines =
          changed.map { "id=\($0) on=2026-11-15 change" } + vanished.map { "id=\($0) on=2026-11-15 vanish" }
          + [
            "id=\(merged) on=2026-11-15 merge=\(present[41])", "id=\(appeared) on=2026-11-15 appear",
            "on=2026-11-14 others=250", "on=2026-11-15 null",
          ]
        edits = try lines.map { try Edit(parsing: $0) }
      }

      /// The credits of a film on a day, as the catalogue defines them.
      func credits(on day: String) throws -> (String) -> [UInt8]? {
        let catalogue = EditedCatalogue(edits, today: try #require(CalendarDay(parsing: day)))
        return { catalogue.credits(imdbID: $0) }
      }
    }

    /// TMDB on a day. All servers of a test have the same address.
    private func server(_ script: Script, on day: String, port: UInt16) throws -> StandInServer {
      let today = try #require(CalendarDay(parsing: day))
      return try fixture.startServer {
        $0.port = port
        $0.edits = script.edits
        $0.today = today
      }
    }

    /// EventBridge's scheduled event of a day.
    private func scheduled(_ name: String, on day: String, _ fields: String) -> String {
      """
      {"detail-type":"Scheduled Event","source":"aws.events","id":"\(name)","time":"\(day)T03:00:00Z",
      "detail":{"run":"\(name)",\(fields)}}
      """
    }

    private func run(
      _ deployment: Deployment, _ name: String, on day: String, _ fields: String
    ) throws -> ChildProcess.Result {
      try deployment.run(scheduled(name, on: day, fields))
    }

    /// Expects that the day's folder has exactly the films that TMDB has on that day, byte for byte.
    private func expect(
      _ deployment: Deployment, has selection: [String], _ script: Script, on day: String
    ) throws {
      let credits = try script.credits(on: day)
      let folder = day.replacing("-", with: "/") + "/"
      let films = try DataFiles.union(try deployment.dataFiles().filter { $0.key.hasPrefix(folder) })
      #expect(films.map(\.id) == selection.filter { credits($0) != nil })
      #expect(films.filter { credits($0.id).map { Data($0) } != $0.response }.map(\.id) == [])
    }

    @Test(
      "a second run asks for what changed, in another folder, in the same one, in other shards, and from damaged files"
    )
    func daysInARow() throws {
      let first = try fixture.startServer()
      let port = try #require(UInt16(first.baseURL.split(separator: ":").last ?? ""))
      let (deployment, selection) = try fixture.deploy(
        "refresh", first, films: 2000, ["Shards": "6", "FilmsPerFile": "10"])
      let script = try Script(selection: selection)
      #expect(try run(deployment, "first", on: "2026-11-10", #""refresh":"changed""#).code == 0)
      first.stop()
      try expect(deployment, has: selection, script, on: "2026-11-10")

      // What changed takes one call a film; what vanished or merged one or two more; what was absent a find.
      let second = try server(script, on: "2026-11-17", port: port)
      let result = try run(deployment, "second", on: "2026-11-17", #""refresh":"changed""#)
      #expect(result.code == 0, "\(result.output)\(result.errors)")
      second.stop()
      try expect(deployment, has: selection, script, on: "2026-11-17")
      let requests = second.requests().map(\.path)
      let pages = requests.filter { $0.hasPrefix("/3/movie/changes") }
      #expect(pages.count == 3)
      // Of a merge, the list has both films.
      let changedCalls = script.changed.count + 3 * script.vanished.count + 4
      #expect(requests.count <= pages.count + changedCalls + script.absent.count + 1, "\(requests)")
      let manifest = try deployment.json("\(deployment.prefix)/_runs/second/manifest.json")
      let counts = try #require(manifest["refresh"] as? [String: Int])
      #expect(counts["changed"] == script.changed.count + script.vanished.count + 2)
      #expect(counts["absent"] == script.absent.count && counts["new"] == 0 && counts["lost"] == 0)
      #expect(counts.values.reduce(0, +) == selection.count)
      #expect(try deployment.elenco("verify", "second").code == 0)

      // On the same day, into the same folder, with other shards: most films move to another file.
      let third = try server(script, on: "2026-11-17", port: port)
      let again = try run(
        deployment, "third", on: "2026-11-17", #""refresh":"changed","shards":2,"filmsPerFile":15"#)
      #expect(again.code == 0, "\(again.output)\(again.errors)")
      third.stop()
      try expect(deployment, has: selection, script, on: "2026-11-17")
      #expect(third.requests().filter { $0.path.hasSuffix("/credits") }.isEmpty)
      #expect(try deployment.keys().allSatisfy { !$0.contains("/_runs/third/base/") })
      #expect(try deployment.elenco("verify", "third").code == 0)

      // As JSON Lines, from a base of which three files are gone and one is another.
      let files = try deployment.keys().filter { $0.contains("2026/11/17/Atores-T") }
      for key in files.prefix(3) {
        try fixture.cloud.aws("s3api", "delete-object", "--bucket", deployment.bucket, "--key", key)
      }
      try fixture.cloud.aws(
        "s3api", "put-object", "--bucket", deployment.bucket, "--key", files[3], "--body",
        try fixture.folder.write("damaged", #"{"\#(selection[0])":{"id":1,"cast":[],"crew":[]}}"# + "\n"))
      let fourth = try server(script, on: "2026-11-19", port: port)
      let damaged = try run(
        deployment, "fourth", on: "2026-11-19",
        #""refresh":"changed","base":"third","format":"lines","compression":"gzip""#)
      #expect(damaged.code == 0, "\(damaged.output)\(damaged.errors)")
      fourth.stop()
      try expect(deployment, has: selection, script, on: "2026-11-19")
      let fetched = fourth.requests().filter { $0.path.hasSuffix("/credits") }.count
      #expect((1...4 * 15).contains(fetched), "\(fetched)")
      #expect(try deployment.elenco("verify", "fourth").code == 0)
    }

    @Test(
      "at the real size, with 2 % of the films changed, it takes a twentieth of the requests",
      .enabled(if: Soak.isEnabled, "\(Soak.skipped)"))
    func fullSize() throws {
      let first = try fixture.startServer()
      let port = try #require(UInt16(first.baseURL.split(separator: ":").last ?? ""))
      let (deployment, selection) = try fixture.deploy("refresh-full", first, films: 244_543)
      #expect(selection.count == 59_004)
      #expect(try run(deployment, "first", on: "2026-11-10", #""refresh":"changed""#).code == 0)
      let requests = first.requests().count
      first.stop()

      let present = selection.filter { Catalogue.credits(imdbID: $0) != nil }
      let changed = stride(from: 7, to: present.count, by: 50).map { present[$0] }
      let edits = try
        (changed.map { "id=\($0) on=2026-11-15 change" } + (10...16).map { "on=2026-11-\($0) others=700" })
        .map { try Edit(parsing: $0) }
      let today = try #require(CalendarDay(parsing: "2026-11-17"))
      let second = try fixture.startServer {
        $0.port = port
        $0.edits = edits
        $0.today = today
      }
      let started = ContinuousClock.now
      let response = try deployment.invoke(
        deployment.dispatcher,
        scheduled("second", on: "2026-11-17", #""refresh":"changed","requestsPerSecond":400"#))
      try deployment.wait(for: "\(deployment.prefix)/2026/11/17/_SUCCESS")
      let seconds = started.duration(to: .now) / .seconds(1)
      second.stop()
      let sent = second.requests().count
      print("refresh: \(sent) requests instead of \(requests), \(seconds) s")
      #expect(sent * 20 <= requests)
      #expect(second.maxRequestsInOneSecond <= 400 + 60 * 2)
      let forecast = try #require(
        (response["forecast"] as? [String: Any])?["requests"] as? Int, "\(response)")
      #expect(abs(Double(forecast) / Double(sent) - 1) < 0.1, "\(forecast) forecast, \(sent) sent")
      #expect(try deployment.elenco("verify", "second").code == 0)
      let catalogue = EditedCatalogue(edits, today: today)
      let files = try deployment.dataFiles().filter { $0.key.hasPrefix("2026/11/17/") }
      #expect(files.count == 600)
      let films = try DataFiles.union(files)
      #expect(films.count == present.count)
      let wrong = films.filter { catalogue.credits(imdbID: $0.id).map { Data($0) } != $0.response }
      #expect(wrong.map(\.id) == [])
      // MiniStack keeps its objects in memory.
      try fixture.cloud.aws(
        "s3", "rm", "--quiet", "--recursive", "s3://\(deployment.bucket)/\(deployment.prefix)/")
    }

    /// `make soak` selects all 59,004 films.
    @Test(
      "lookup auto takes one call a film, and two where the direct route differs for one film in ten",
      arguments: [("direct", nil), ("find", "route=direct every=10 wrong-id")] as [(String, String?)])
    func automaticLookup(taken: String, fault: String?) throws {
      let server = try fixture.startServer {
        $0.failRules = try [fault].compactMap { try $0.map(FaultRule.init(parsing:)) }
      }
      let (deployment, selection) = try fixture.deploy(
        "auto-\(taken)", server, films: Soak.isEnabled ? 244_543 : 4000,
        ["Lookup": "auto", "Shards": Soak.isEnabled ? "60" : "4"])
      let result = try deployment.run(#"{"run":"auto"}"#)
      #expect(result.code == 0, "\(result.output)\(result.errors)")
      server.stop()
      let requests = server.requests().count
      // The workers' requests. A 404 for credits by IMDb id is confirmed by a find, and some films that find has are gone.
      let perFilm = selection.map { id -> Int in
        let (find, credits) = (
          Catalogue.tmdbID(of: Catalogue.entry(imdbID: id)), Catalogue.credits(imdbID: id)
        )
        if taken == "direct" { return credits != nil ? 1 : find == nil ? 2 : 3 }
        return find == nil ? 1 : 2
      }
      // 60 films of the sample take three requests each, and an absent film one.
      let sample = requests - perFilm.reduce(0, +)
      #expect((taken == "direct" ? 180...240 : 3...240).contains(sample), "\(sample)")
      #expect(try deployment.elenco("verify", "auto").code == 0)
      try fixture.cloud.aws(
        "s3", "rm", "--quiet", "--recursive", "s3://\(deployment.bucket)/\(deployment.prefix)/")
    }
  }
}
