/// `/3/movie/changes` over a socket.
import Foundation
import TestSupport
import Testing

@testable import StandIn

@Suite("The list of changes") struct ChangeListTests {
  private static func server(_ rules: [String], today: String = "2026-11-28") throws -> StandInServer {
    var configuration = Configuration()
    configuration.edits = try rules.map { try Edit(parsing: $0) }
    configuration.today = CalendarDay(parsing: today)
    return try StandInServer(configuration)
  }

  private struct Page {
    var ids: [Int?] = []
    var adults: [Bool?] = []
    var (number, total, results) = (0, 0, 0)
  }

  private static func page(_ server: StandInServer, _ query: String = "") throws -> Page {
    let response = try fetch(server.port, "/3/movie/changes" + query)
    #expect(response.status == 200, "\(query)")
    let object = try response.json()
    #expect(Set(object.keys) == ["results", "page", "total_pages", "total_results"])
    let results = try #require(object["results"] as? [[String: Any]])
    for entry in results { #expect(Set(entry.keys) == ["id", "adult"]) }
    return Page(
      ids: results.map { $0["id"] as? Int }, adults: results.map { $0["adult"] as? Bool },
      number: object["page"] as? Int ?? -1, total: object["total_pages"] as? Int ?? -1,
      results: object["total_results"] as? Int ?? -1)
  }

  private static func tmdbID(_ id: String) -> Int { FilmNumber(imdbID: id)?.tmdbID ?? -1 }

  @Test("the list has each edit of the span once per day, except unlisted ones and those of the future")
  func entries() throws {
    let server = try Self.server([
      "on=2026-11-14 id=tt0000101 change", "on=2026-11-15 id=tt0000102 vanish",
      "on=2026-11-16 id=tt0000103 change", "on=2026-11-16 id=tt0000103 change",
      "on=2026-11-17 id=tt0000103 change", "on=2026-11-18 id=tt0000104 merge=tt0000105", "on=2026-11-19 null",
      "on=2026-11-20 id=tt0000106 change unlisted", "on=2026-11-28 id=tt0000107 appear",
      "on=2026-11-29 id=tt0000108 change",
    ])
    let page = try Self.page(server, "?start_date=2026-11-15&end_date=2026-11-29&page=1")
    let expected = ["2", "3", "3", "4", "5", "7"].map { Self.tmdbID("tt000010" + $0) } as [Int?] + [nil]
    #expect(page.ids.map { $0 ?? 0 }.sorted() == expected.map { $0 ?? 0 }.sorted())
    #expect(page.number == 1 && page.total == 1 && page.results == 7)
    // Films that are gone, and entries without an id, have no value for "adult".
    let gone = Set([Self.tmdbID("tt0000102"), Self.tmdbID("tt0000104"), 0])
    for (id, adult) in zip(page.ids, page.adults) { #expect((adult == nil) == gone.contains(id ?? 0)) }
    // A day's span includes both days; without dates it is the last 24 hours.
    let day = try Self.page(server, "?start_date=2026-11-17&end_date=2026-11-17")
    #expect(day.ids == [Self.tmdbID("tt0000103")])
    #expect(try Self.page(server).ids == [Self.tmdbID("tt0000107")])
    let before = try Self.page(server, "?end_date=2026-11-16").ids
    #expect(Set(before) == [Self.tmdbID("tt0000102"), Self.tmdbID("tt0000103")])
  }

  @Test("pages have 100 entries, together each entry once, and those after the last are empty") func pages()
    throws
  {
    let server = try Self.server([
      "on=2026-11-20 others=230", "on=2026-11-21 others=100", "on=2026-11-21 id=tt0000101 change",
    ])
    let query = "?start_date=2026-11-15&end_date=2026-11-28"
    let pages = try (1...5).map { try Self.page(server, "\(query)&page=\($0)") }
    #expect(pages.map(\.ids.count) == [100, 100, 100, 31, 0])
    #expect(pages.map(\.number) == [1, 2, 3, 4, 5])
    #expect(pages.allSatisfy { $0.total == 4 && $0.results == 331 })
    var counts: [Int: Int] = [:]
    for id in pages.flatMap(\.ids) { counts[try #require(id), default: 0] += 1 }
    // 100 of the other films were edited on both days.
    #expect(counts.count == 231 && counts.values.count { $0 == 2 } == 100)
    #expect(counts[Self.tmdbID("tt0000101")] == 1)
    for id in counts.keys where id != Self.tmdbID("tt0000101") { #expect(FilmNumber(tmdbID: id) == nil) }
    // The same list every time.
    #expect(try Self.page(server, query + "&page=2").ids == pages[1].ids)
  }

  @Test("at most 1000 pages can be requested, and the number of entries is the true one") func lastPage()
    throws
  {
    let server = try Self.server(["on=2026-11-27 others=100000", "on=2026-11-28 others=5"])
    let page = try Self.page(server, "?page=1000")
    #expect(page.ids.count == 100 && page.total == 1000 && page.results == 100_005)
  }

  @Test(
    "each kind of invalid query gets TMDB's status and code",
    arguments: [
      ("page=0", 400, 22), ("page=1001", 400, 22), ("page=x", 400, 22), ("page=", 400, 22),
      ("page=1.5", 400, 22),
      ("page=99999999999999999999", 400, 22),
      ("start_date=2026-11-31", 400, 23), ("end_date=yesterday", 400, 23), ("start_date=", 400, 23),
      ("start_date=2026-11-13&end_date=2026-11-28", 422, 20),
      ("start_date=2026-11-28&end_date=2026-11-27", 422, 20),
      ("start_date=2026-11-13", 422, 20), ("start_date=2026-11-29", 422, 20),
    ])
  func invalid(query: String, status: Int, code: Int) throws {
    let server = try Self.server([])
    let response = try fetch(server.port, "/3/movie/changes?" + query)
    #expect(response.status == status)
    #expect(try response.json()["status_code"] as? Int == code)
  }

  @Test("a span of 14 days is allowed, and an empty list has one empty page") func empty() throws {
    let page = try Self.page(try Self.server([]), "?start_date=2026-11-14&end_date=2026-11-28")
    #expect(page.ids.isEmpty && page.number == 1 && page.total == 1 && page.results == 0)
  }

  @Test("the list needs a token, counts against the rate limit, and gets faults") func guarded() throws {
    var configuration = Configuration()
    configuration.limit(to: 2, per: .seconds(3600))
    configuration.failRules = [try FaultRule(parsing: "times=1 status=503")]
    let server = try StandInServer(configuration)
    #expect(try fetch(server.port, "/3/movie/changes", token: nil).status == 401)
    let statuses = try (0..<3).map { _ in try fetch(server.port, "/3/movie/changes").status }
    #expect(statuses == [503, 200, 429])
    let routes = try fetch(server.port, "/_standin/stats").json()["routes"] as? [String: [String: Int]]
    #expect(routes?["changes"] == ["200": 1, "401": 1, "429": 1, "503": 1])
  }

  @Test("a server moves to another day: find, credits and the list follow, also compressed") func today()
    throws
  {
    let server = try Self.server(
      [
        "on=2026-11-21 id=\(Sample.film) change", "on=2026-11-22 id=\(Sample.film) vanish",
        "on=2026-11-23 id=\(Sample.film) merge=\(Sample.series)", "on=2026-11-23 id=\(Sample.series) appear",
      ], today: "2026-11-20")
    let (film, series) = (Self.tmdbID(Sample.film), Self.tmdbID(Sample.series))
    func state() throws -> (found: String, credits: Int, direct: Int, body: [UInt8]) {
      let credits = try fetch(server.port, "/3/movie/\(film)/credits")
      return (
        try fetch(server.port, "/3/find/\(Sample.film)?external_source=imdb_id").text, credits.status,
        try fetch(server.port, "/3/movie/\(Sample.film)/credits").status, credits.body
      )
    }
    func move(to day: String) throws { server.setToday(try #require(CalendarDay(parsing: day))) }
    let original = try state()
    #expect(original.body == Catalogue.credits(imdbID: Sample.film) && original.direct == 200)
    try move(to: "2026-11-21")
    let changed = try state()
    #expect(changed.found == original.found && changed.body != original.body)
    let connection = try RawConnection(port: server.port)
    connection.send(request("/3/movie/\(film)/credits", "Accept-Encoding: gzip"))
    #expect(try gunzip(connection.response().body) == changed.body)
    try move(to: "2026-11-22")
    let vanished = try state()
    #expect(vanished.found == emptyFind && vanished.credits == 404 && vanished.direct == 404)
    try move(to: "2026-11-23")
    let merged = try state()
    #expect(merged.found.contains(#""id":\#(series),"#) && merged.credits == 404 && merged.direct == 200)
    #expect(
      try fetch(server.port, "/3/movie/\(Sample.film)/credits").body
        == fetch(server.port, "/3/movie/\(series)/credits").body)
    #expect(try Set(Self.page(server).ids) == [film, series])
    server.reset()
    #expect(try state().body == original.body)
  }
}
