/// The shapes of the stand-in's responses, as Python reads them.
import Foundation
import TestSupport
import Testing

@testable import StandIn

/// `RouteTests` compares the same responses with recorded ones, which are not part of the repository. The members are
/// those of TMDB's reference (https://developer.themoviedb.org/reference/find-by-id and movie-credits).
@Suite("Shapes of responses", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct ShapeTests {
  private struct Response: Decodable {
    let status: Int
    let type: String
    /// The keys of a member's first element, or the name of the member's type.
    let shape: [String: [String]]
  }

  private static let media = ["adult", "backdrop_path", "id"]
  private static let film =
    media + [
      "title", "original_language", "original_title", "overview", "poster_path", "media_type", "genre_ids",
      "popularity", "release_date", "video", "vote_average", "vote_count",
    ]
  private static let series =
    media + [
      "name", "original_language", "original_name", "overview", "poster_path", "media_type", "genre_ids",
      "popularity", "first_air_date", "vote_average", "vote_count", "origin_country",
    ]
  private static let person = [
    "adult", "gender", "id", "known_for_department", "name", "original_name", "popularity", "profile_path",
  ]
  private static let status = ["success": ["bool"], "status_code": ["int"], "status_message": ["str"]]

  private static func find(_ results: [String: [String]]) -> [String: [String]] {
    let names = ["movie", "person", "tv", "tv_episode", "tv_season"].map { "\($0)_results" }
    return Dictionary(uniqueKeysWithValues: names.map { ($0, results[$0] ?? []) })
  }

  @Test("Python reads each kind of response with the members of TMDB's, in their order")
  func shapes() throws {
    let server = try StandInServer()
    let id = try #require(Catalogue.tmdbID(imdbID: Sample.film))
    let credits = [
      "id": ["int"], "cast": Self.person + ["cast_id", "character", "credit_id", "order"],
      "crew": Self.person + ["credit_id", "department", "job"],
    ]
    let cases = [
      ("/3/find/\(Sample.film)?external_source=imdb_id", 200, Self.find(["movie_results": Self.film])),
      ("/3/find/\(Sample.series)?external_source=imdb_id", 200, Self.find(["tv_results": Self.series])),
      ("/3/find/\(Sample.absent)?external_source=imdb_id", 200, Self.find([:])),
      ("/3/movie/\(id)/credits", 200, credits), ("/3/movie/\(Sample.film)/credits", 200, credits),
      ("/3/movie/200000000/credits", 404, Self.status),
    ]
    let found: [Response] = try PythonProgram.run(
      "fetch_shapes.py", [server.baseURL, "token"] + cases.map { $0.0 }, input: [String]())
    #expect(found.count == cases.count)
    for (response, (path, status, shape)) in zip(found, cases) {
      #expect(response.status == status && response.type == "application/json;charset=utf-8", "\(path)")
      #expect(response.shape == shape, "\(path)")
    }
    // Without a token.
    let refused: [Response] = try PythonProgram.run(
      "fetch_shapes.py", [server.baseURL, "", "/3/movie/1/credits"], input: [String]())
    #expect(refused.map(\.status) == [401] && refused[0].shape == Self.status)
  }
}
