/// The routes, asked over a socket and held against recorded shapes.
import Foundation
import Testing

@testable import StandIn

@Suite("Routes") struct RouteTests {
  let server: StandInServer

  init() throws { server = try StandInServer() }

  private func find(_ id: String) throws -> RawAnswer {
    try ask(server.port, "/3/find/\(id)?external_source=imdb_id")
  }

  @Test("a find gives the film's id, and its credits the same bytes by both ways") func film() throws {
    let found = try find(Sample.film)
    #expect(found.status == 200)
    #expect(found.body == Catalogue.find(imdbID: Sample.film))
    let results = try #require(try found.json()["movie_results"] as? [[String: Any]])
    let id = try #require(results.first?["id"] as? Int)
    #expect(id == Catalogue.tmdbID(imdbID: Sample.film))
    let credits = try ask(server.port, "/3/movie/\(id)/credits")
    #expect(credits.body == Catalogue.credits(tmdbID: id))
    #expect(try credits.json()["id"] as? Int == id)
    #expect(try ask(server.port, "/3/movie/\(Sample.film)/credits").body == credits.body)
  }

  @Test("headers are TMDB's") func headers() throws {
    let answer = try ask(server.port, "/3/movie/\(Sample.film)/credits")
    #expect(answer.headers["content-type"] == "application/json;charset=utf-8")
    #expect(answer.headers["vary"] == "Accept-Encoding,Origin")
    #expect(answer.headers["cache-control"]?.hasPrefix("public, max-age=") == true)
    #expect(answer.headers["content-encoding"] == nil)
    let tags = try (100..<140).compactMap { try find(FilmNumber($0)?.description ?? "").headers["etag"] }
    #expect((20..<40).contains(tags.count))
    #expect(tags.allSatisfy { $0.wholeMatch(of: /W\/"[0-9a-f]{32}"/) != nil })
    #expect(Set(tags).count > 20)
  }

  @Test(
    "a title that TMDB lacks gives five empty arrays", arguments: [Sample.absent, "tt00000001", "nonsense"])
  func absent(id: String) throws {
    let answer = try find(id)
    #expect(answer.status == 200)
    #expect(answer.text == emptyFind)
  }

  @Test(
    "a series or an episode fills its own array alone",
    arguments: [
      (Sample.series, "tv_results"), (Sample.episode, "tv_episode_results"),
    ])
  func series(id: String, array: String) throws {
    let object = try find(id).json()
    #expect(
      Set(object.keys) == [
        "movie_results", "person_results", "tv_results", "tv_episode_results", "tv_season_results",
      ])
    for (name, value) in object { #expect((value as? [Any])?.count == (name == array ? 1 : 0), "\(name)") }
    #expect(try ask(server.port, "/3/movie/\(id)/credits").status == 404)
  }

  @Test("a film may be found and have no credits") func withoutCredits() throws {
    let id = try #require(Catalogue.tmdbID(imdbID: Sample.withoutCredits))
    #expect(try find(Sample.withoutCredits).status == 200)
    for path in ["/3/movie/\(id)/credits", "/3/movie/\(Sample.withoutCredits)/credits"] {
      let answer = try ask(server.port, path)
      #expect(answer.status == 404)
      #expect(try answer.json()["status_code"] as? Int == 34)
    }
  }

  @Test("the order of a 404's keys varies from id to id") func keyOrder() throws {
    let bodies = try ["200000000", "200000001"].map { try ask(server.port, "/3/movie/\($0)/credits").text }
    #expect(bodies[0].hasPrefix(#"{"status_code":34,"#))
    #expect(bodies[1].hasPrefix(#"{"success":false,"#))
  }

  @Test("no token, an empty one or a wrong one is refused", arguments: [nil, "", "wrong"] as [String?])
  func token(token: String?) throws {
    var configuration = Configuration()
    configuration.token = "secret"
    let server = try StandInServer(configuration)
    let answer = try ask(server.port, "/3/movie/1/credits", token: token)
    #expect(answer.status == 401)
    #expect(answer.body.count == 103)
    #expect(answer.text.hasSuffix("}\n"))
    #expect(try answer.json()["status_code"] as? Int == 7)
    #expect(answer.headers["cache-control"] == "public, max-age=300")
    #expect(try ask(server.port, "/3/movie/\(Sample.film)/credits").status == 200)
  }

  @Test("any token will do when none is set, but none will not") func anyToken() throws {
    #expect(try ask(server.port, "/3/movie/\(Sample.film)/credits", token: "whatever").status == 200)
    #expect(try ask(server.port, "/3/movie/\(Sample.film)/credits", token: nil).status == 401)
  }

  @Test(
    "an unknown path is a page, not JSON",
    arguments: [
      "/", "/3", "/3/movie", "/3/movie/", "/3/movie/1", "/3/movie/1/credits/", "/3/find/",
      "/4/movie/1/credits",
      "/3/movie//credits",
    ])
  func unknownPath(path: String) throws {
    let answer = try ask(server.port, path)
    #expect(answer.status == 404)
    #expect(answer.headers["content-type"] == "text/html")
    #expect(answer.body.count == 150)
  }

  @Test(
    "what is asked wrongly is told apart",
    arguments: [
      ("/3/find/tt0000100", 422), ("/3/find/tt0000100?external_source=freebase", 400),
      ("/3/movie/abc/credits", 404), ("/3/movie/99999999999999999999999/credits", 404),
      ("/3/movie/0/credits", 404),
    ])
  func wrong(path: String, status: Int) throws {
    let answer = try ask(server.port, path)
    #expect(answer.status == status)
    #expect(try answer.json().isEmpty == false)
  }

  @Test("other methods are not allowed, and the connection lives on") func methods() throws {
    let connection = try RawConnection(port: server.port)
    connection.send(request("/3/movie/1/credits", method: "POST", "Content-Length: 3") + "abc")
    #expect(try connection.answer().status == 405)
    connection.send(request("/3/movie/\(Sample.film)/credits"))
    #expect(try connection.answer().status == 200)
    connection.send(request("/3/movie/\(Sample.film)/credits", method: "HEAD"))
    #expect(try connection.answer(hasBody: false).status == 200)
    connection.send(request("/3/movie/\(Sample.film)/credits"))
    #expect(try connection.answer().body == Catalogue.credits(imdbID: Sample.film))
  }

  @Test("gzip holds the same bytes and comes only when asked for") func gzip() throws {
    let connection = try RawConnection(port: server.port)
    for number in stride(from: 100, to: 400_000, by: 3997) {
      let id = try #require(FilmNumber(number)).description
      for path in ["/3/movie/\(id)/credits", "/3/find/\(id)?external_source=imdb_id"] {
        connection.send(request(path))
        let plain = try connection.answer()
        connection.send(request(path, "Accept-Encoding: br, gzip;q=0.8"))
        let compressed = try connection.answer()
        #expect(compressed.headers["content-encoding"] == "gzip")
        #expect(try gunzip(compressed.body) == plain.body)
      }
    }
  }

  @Test("in chunks, there is no length and the body is the same") func chunked() throws {
    var configuration = Configuration()
    configuration.isChunked = true
    let server = try StandInServer(configuration)
    let connection = try RawConnection(port: server.port)
    connection.send(request("/3/movie/\(Sample.absent)/credits", "Connection: close"))
    let text = String(decoding: connection.receiveAll(), as: UTF8.self)
    #expect(text.contains("Transfer-Encoding: chunked"))
    #expect(!text.contains("Content-Length"))
    #expect(text.hasSuffix("\r\n0\r\n\r\n"))
  }

  @Test(
    "Accept-Encoding",
    arguments: [
      ("gzip", true), ("deflate, gzip", true), ("GZIP", true), ("gzip;q=0", false), ("gzip; q=0.0", false),
      ("br;q=1, gzip;q=0.5", true), ("*", true), ("identity", false), ("", false), ("x-gzip2", false),
    ])
  func acceptEncoding(header: String, takes: Bool) { #expect(AcceptEncoding.takesGzip(header) == takes) }

  @Test("recorded answers have the same shape", .enabled(if: Recorded.isThere, Recorded.reason))
  func recorded() throws {
    #expect(try Recorded.bytes("find/find_empty.json") == Catalogue.find(imdbID: Sample.absent))
    #expect(try Recorded.bytes("errors/401_2.json") == (try ask(server.port, "/3/find/x", token: nil)).body)
    #expect(try Recorded.bytes("errors/404_4.html") == (try ask(server.port, "/x")).body)
    let notFound = try Recorded.object("errors/404_1.json")
    #expect(
      try ask(server.port, "/3/movie/200000000/credits").json() as NSDictionary == notFound as NSDictionary)
    let film = try Recorded.object("find/ceg_find_movie_results.json")
    #expect(try shape(find(Sample.film).json()) == shape(film))
    let series = try Recorded.object("find/ceg_find_tv_results.json")
    #expect(try shape(find(Sample.series).json()) == shape(series))
    let credits = try Recorded.object("credits/credits_11.json")
    #expect(try shape(ask(server.port, "/3/movie/\(Sample.film)/credits").json()) == shape(credits))
  }

  /// Member names with those of the first element of their arrays.
  private func shape(_ object: [String: Any]) -> [String: [String]] {
    object.mapValues { value in
      ((value as? [[String: Any]])?.first?.keys).map { $0.sorted() } ?? []
    }
  }
}

let emptyFind =
  #"{"movie_results":[],"person_results":[],"tv_results":[],"tv_episode_results":[],"tv_season_results":[]}"#

/// Answers recorded from TMDB, beside the package.
enum Recorded {
  static let folder =
    (ProcessInfo.processInfo.environment["ELENCO_SHARED_DATA"].map { URL(filePath: $0) }
    ?? URL(filePath: #filePath).appending(path: "../../../../shared/data").standardized)
    .appending(path: "tmdb")
  static let isThere = FileManager.default.fileExists(atPath: folder.path)
  static let reason: Comment = "needs recorded answers in ../shared/data/tmdb"

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }

  static func object(_ name: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(bytes(name))) as? [String: Any] ?? [:]
  }
}
