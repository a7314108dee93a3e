import Foundation
import TestSupport
import Testing

@testable import Shared
@testable import StandIn

/// Responses as the stand-in composes them, whole, cut and changed, compared with what Python's json module reads. The
/// recorded responses of TMDB are not part of the repository.
@Suite("TMDB responses in Python", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct PythonResponseTests {
  private struct Bodies: Encodable {
    var credits: [Data] = []
    var find: [Data] = []
  }

  /// The ids that Python finds: nil in a body that is not a valid response, 0 in a find without a film.
  private struct IDs: Decodable {
    let credits: [Int?]
    let find: [Int?]
  }

  @Test("Python and the worker read the same ids, and refuse the same responses")
  func responses() throws {
    var random = SeededRandom(seed: RandomSeed.value)
    let films = (0..<300).compactMap { FilmNumber(100 + $0 * 6121)?.description }
    var bodies = Bodies()
    bodies.credits = films.compactMap { Catalogue.credits(imdbID: $0).map { Data($0) } }
    bodies.find = films.map { Data(Catalogue.find(imdbID: $0)) }
    let wholeCredits = bodies.credits.count
    let small = Self.small + bodies.credits.filter { $0.count < 1500 }.prefix(5).map { Array($0) }
    bodies.credits += (0..<6000).map { _ in Data(Self.changed(small, &random)) }
    let finds = Self.smallFinds + bodies.find.prefix(20).map { Array($0) }
    bodies.find += (0..<6000).map { _ in Data(Self.changed(finds, &random)) }

    let expected: IDs = try PythonProgram.run("read_responses.py", input: bodies)
    #expect(expected.credits.count == bodies.credits.count && expected.find.count == bodies.find.count)
    for (body, id) in zip(bodies.credits, expected.credits) {
      #expect(Self.credits(body, nil) == (id != nil), "seed \(RandomSeed.value): \(Self.text(body))")
      guard let id, id < Int.max else { continue }
      #expect(Self.credits(body, id), "seed \(RandomSeed.value): \(Self.text(body))")
      #expect(!Self.credits(body, id + 1), "seed \(RandomSeed.value): \(Self.text(body))")
    }
    for (body, id) in zip(bodies.find, expected.find) {
      #expect(Self.find(body) == id, "seed \(RandomSeed.value): \(Self.text(body))")
    }
    #expect(expected.credits.prefix(wholeCredits).allSatisfy { $0 != nil } && wholeCredits > 250)
    #expect(Array(expected.find.prefix(films.count)) == films.map { Catalogue.tmdbID(imdbID: $0) ?? 0 })
    for ids in [expected.credits, expected.find] {
      #expect(ids.count { $0 != nil } > 500 && ids.count { $0 == nil } > 500)
    }
  }

  @Test("every truncation of a response is refused")
  func truncated() throws {
    let bodies = (0..<300).lazy.compactMap {
      Catalogue.credits(imdbID: FilmNumber(100 + $0)?.description ?? "")
    }
    let body = try #require(bodies.first { (2000..<6000).contains($0.count) })
    for count in 0..<body.count { #expect(!Self.credits(Data(body.prefix(count)), nil), "\(count) bytes") }
    let found = Catalogue.find(imdbID: try #require(FilmNumber(103)?.description))
    for count in 0..<found.count { #expect(Self.find(Data(found.prefix(count))) == nil, "\(count) bytes") }
  }

  private static func credits(_ body: Data, _ id: Int?) -> Bool {
    (try? Array(body).withUnsafeBytes { try CreditsResponse.check($0, expectedID: id) }) != nil
  }

  /// The film's id; 0 if there is no film; nil if the response is refused.
  private static func find(_ body: Data) -> Int? {
    do { return try Array(body).withUnsafeBytes { try FindResponse.movieID(in: $0) } ?? 0 } catch {
      return nil
    }
  }

  private static func text(_ body: Data) -> String { String(decoding: body.prefix(2000), as: UTF8.self) }

  private static let small = [
    #"{"id":7,"cast":[],"crew":[]}"#, #"{"crew":[{"id":1}],"\u0069d":9223372036854775807,"cast":[1]}"#,
    #" {"id":70,"new":{"id":1,"cast":{}},"c\u0061st" : [ ] ,"crew":[[]]} "#,
  ].map { Array($0.utf8) }

  private static let smallFinds = [
    #"{"movie_results":[{"id":603}]}"#, #"{"movie_results":[],"tv_results":[{"id":3}]}"#,
    #"{"movie_results":[{"a":[{"id":1}],"id":6},{"id":4}],"movie_results":[ {"\u0069d":8} ]}"#,
  ].map { Array($0.utf8) }

  /// One of the bodies with up to three pieces inserted, replaced or removed.
  private static func changed(_ bodies: [[UInt8]], _ random: inout SeededRandom) -> [UInt8] {
    var body = bodies[Int.random(in: bodies.indices, using: &random)]
    let pieces = [
      "\"id\":", "\"cast\":", "\"crew\":", "\"movie_results\":", "[]", "{}", "7,", "-", "0", ".", "e1", "1",
      "\"",
      ",", "[", "]", "{", "}", ":", " ", "null", "true", "\\u0069", "d", "\u{0}", "é",
    ]
    for _ in 0..<Int.random(in: 1...3, using: &random) where !body.isEmpty {
      let start = Int.random(in: body.indices, using: &random)
      let end = min(body.count, start + Int.random(in: 0...2, using: &random))
      let piece = Bool.random(using: &random) ? pieces[Int.random(in: pieces.indices, using: &random)] : ""
      body.replaceSubrange(start..<end, with: Array(piece.utf8))
    }
    return body
  }
}
