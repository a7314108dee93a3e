/// The routes over a socket, compared with recorded TMDB responses.
import Foundation
import TestSupport
import Testing

@testable import StandIn

@Suite("Routes") struct RouteTests {
  let server: StandInServer

  init() throws { server = try StandInServer() }

  private func find(_ id: String) throws -> RawResponse {
    try fetch(server.port, "/3/find/\(id)?external_source=imdb_id")
  }

  @Test("find returns the film's id, and both credits routes return the same bytes") func film() throws {
    let found = try find(Sample.film)
    #expect(found.status == 200)
    #expect(found.body == Catalogue.find(imdbID: Sample.film))
    let results = try #require(try found.json()["movie_results"] as? [[String: Any]])
    let id = try #require(results.first?["id"] as? Int)
    #expect(id == Catalogue.tmdbID(imdbID: Sample.film))
    let credits = try fetch(server.port, "/3/movie/\(id)/credits")
    #expect(credits.body == Catalogue.credits(imdbID: Sample.film))
    #expect(try credits.json()["id"] as? Int == id)
    #expect(try fetch(server.port, "/3/movie/\(Sample.film)/credits").body == credits.body)
  }

  @Test("the headers are those of TMDB") func headers() throws {
    let response = try fetch(server.port, "/3/movie/\(Sample.film)/credits")
    #expect(response.headers["content-type"] == "application/json;charset=utf-8")
    #expect(response.headers["vary"] == "Accept-Encoding,Origin")
    #expect(response.headers["content-encoding"] == nil)
  }

  @Test(
    "find of an id that TMDB does not have returns five empty arrays",
    arguments: [Sample.absent, "tt00000001", "nonsense"])
  func absent(id: String) throws {
    let response = try find(id)
    #expect(response.status == 200)
    #expect(response.text == emptyFind)
  }

  @Test(
    "find of a series or an episode fills only its own array",
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
    #expect(try fetch(server.port, "/3/movie/\(id)/credits").status == 404)
  }

  @Test("a film can be found without having credits") func withoutCredits() throws {
    let id = try #require(Catalogue.tmdbID(imdbID: Sample.withoutCredits))
    #expect(try find(Sample.withoutCredits).status == 200)
    for path in ["/3/movie/\(id)/credits", "/3/movie/\(Sample.withoutCredits)/credits"] {
      let response = try fetch(server.port, path)
      #expect(response.status == 404)
      #expect(try response.json()["status_code"] as? Int == 34)
    }
  }

  @Test("the order of the keys in a 404 depends on the id") func keyOrder() throws {
    let bodies = try ["200000000", "200000001"].map { try fetch(server.port, "/3/movie/\($0)/credits").text }
    #expect(bodies[0].hasPrefix(#"{"status_code":34,"#))
    #expect(bodies[1].hasPrefix(#"{"success":false,"#))
  }

  @Test(
    "a request with no token, an empty token or a wrong token gets a 401",
    arguments: [nil, "", "wrong"] as [String?])
  func token(token: String?) throws {
    var configuration = Configuration()
    configuration.token = "secret"
    let server = try StandInServer(configuration)
    let response = try fetch(server.port, "/3/movie/1/credits", token: token)
    #expect(response.status == 401)
    #expect(response.body.count == 103)
    #expect(response.text.hasSuffix("}\n"))
    #expect(try response.json()["status_code"] as? Int == 7)
    #expect(try fetch(server.port, "/3/movie/\(Sample.film)/credits").status == 200)
  }

  @Test("without a configured token, any token is accepted, but one is required") func anyToken() throws {
    #expect(try fetch(server.port, "/3/movie/\(Sample.film)/credits", token: "whatever").status == 200)
    #expect(try fetch(server.port, "/3/movie/\(Sample.film)/credits", token: nil).status == 401)
  }

  @Test(
    "an unknown path gets an HTML page",
    arguments: [
      "/", "/3", "/3/movie", "/3/movie/", "/3/movie/1", "/3/movie/1/credits/", "/3/find/",
      "/4/movie/1/credits",
      "/3/movie//credits",
    ])
  func unknownPath(path: String) throws {
    let response = try fetch(server.port, path)
    #expect(response.status == 404)
    #expect(response.headers["content-type"] == "text/html")
    #expect(response.body.count == 150)
  }

  @Test(
    "each kind of invalid request gets TMDB's status",
    arguments: [
      ("/3/find/tt0000100", 422), ("/3/find/tt0000100?external_source=freebase", 400),
      ("/3/movie/abc/credits", 404), ("/3/movie/99999999999999999999999/credits", 404),
      ("/3/movie/0/credits", 404),
    ])
  func invalid(path: String, status: Int) throws {
    let response = try fetch(server.port, path)
    #expect(response.status == status)
    #expect(try response.json().isEmpty == false)
  }

  @Test("POST gets a 405, HEAD gets no body, and the connection stays open") func methods() throws {
    let connection = try RawConnection(port: server.port)
    connection.send(request("/3/movie/1/credits", method: "POST", "Content-Length: 3") + "abc")
    #expect(try connection.response().status == 405)
    connection.send(request("/3/movie/\(Sample.film)/credits"))
    #expect(try connection.response().status == 200)
    connection.send(request("/3/movie/\(Sample.film)/credits", method: "HEAD"))
    #expect(try connection.response(hasBody: false).status == 200)
    connection.send(request("/3/movie/\(Sample.film)/credits"))
    #expect(try connection.response().body == Catalogue.credits(imdbID: Sample.film))
  }

  @Test("a gzip body decompresses to the same bytes, and is sent only on request") func gzip() throws {
    let connection = try RawConnection(port: server.port)
    for number in stride(from: 100, to: 400_000, by: 3997) {
      let id = try #require(FilmNumber(number)).description
      for path in ["/3/movie/\(id)/credits", "/3/find/\(id)?external_source=imdb_id"] {
        connection.send(request(path))
        let plain = try connection.response()
        #expect(plain.headers["content-encoding"] == nil)
        connection.send(request(path, "Accept-Encoding: br, GZIP;q=0.8"))
        let compressed = try connection.response()
        #expect(compressed.headers["content-encoding"] == "gzip")
        #expect(try gunzip(compressed.body) == plain.body)
      }
    }
  }

  @Test("a chunked response has no Content-Length and the same body") func chunked() throws {
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
    "recorded TMDB responses have the same shape",
    .enabled(if: SharedData.has("tmdb"), "\(SharedData.missing)"))
  func recorded() throws {
    #expect(try Recorded.bytes("find/find_empty.json") == Catalogue.find(imdbID: Sample.absent))
    #expect(try Recorded.bytes("errors/401_2.json") == (try fetch(server.port, "/3/find/x", token: nil)).body)
    #expect(try Recorded.bytes("errors/404_4.html") == (try fetch(server.port, "/x")).body)
    let notFound = try Recorded.object("errors/404_1.json")
    #expect(
      try fetch(server.port, "/3/movie/200000000/credits").json() as NSDictionary == notFound as NSDictionary)
    let film = try Recorded.object("find/ceg_find_movie_results.json")
    #expect(try shape(find(Sample.film).json()) == shape(film))
    let series = try Recorded.object("find/ceg_find_tv_results.json")
    #expect(try shape(find(Sample.series).json()) == shape(series))
    let credits = try Recorded.object("credits/credits_11.json")
    #expect(try shape(fetch(server.port, "/3/movie/\(Sample.film)/credits").json()) == shape(credits))
  }

  /// The keys of the object and, for each array, the keys of its first element.
  private func shape(_ object: [String: Any]) -> [String: [String]] {
    object.mapValues { value in
      ((value as? [[String: Any]])?.first?.keys).map { $0.sorted() } ?? []
    }
  }
}

let emptyFind =
  #"{"movie_results":[],"person_results":[],"tv_results":[],"tv_episode_results":[],"tv_season_results":[]}"#

/// Responses recorded from TMDB.
private enum Recorded {
  static func bytes(_ name: String) throws -> [UInt8] {
    let folder = try #require(SharedData.folder)
    return Array(try Data(contentsOf: folder.appending(path: "tmdb/" + name)))
  }

  static func object(_ name: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(bytes(name))) as? [String: Any] ?? [:]
  }
}
