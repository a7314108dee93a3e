/// The catalogue: ids, shares of each kind, sizes and JSON shapes.
import Foundation
import Testing

@testable import StandIn

@Suite("The catalogue") struct CatalogueTests {
  @Test(
    "an IMDb id is parsed only in IMDb's own form",
    arguments: [
      ("tt0000009", 9), ("tt9999999", 9_999_999), ("tt10000000", 10_000_000), ("tt99999999", 99_999_999),
      ("tt00000009", nil), ("tt09999999", nil), ("tt000009", nil), ("tt123456789", nil), ("TT0000009", nil),
      ("tt00000x9", nil), ("nm0000009", nil), ("", nil), ("tt٠٠٠٠٠٠٩", nil),
    ] as [(String, Int?)])
  func readsID(id: String, number: Int?) {
    #expect(FilmNumber(imdbID: id)?.value == number)
    if number != nil { #expect(FilmNumber(imdbID: id)?.description == id) }
  }

  @Test("a TMDB id maps back to its film, and no two films share a TMDB id")
  func idsAreOneToOne() throws {
    var seen: Set<Int> = []
    for value in Array(0..<20_000) + Array(9_990_000..<10_010_000) + Array(99_980_000..<100_000_000) {
      let film = try #require(FilmNumber(value))
      #expect(FilmNumber(tmdbID: film.tmdbID) == film)
      #expect(seen.insert(film.tmdbID).inserted)
    }
  }

  @Test("a TMDB id out of range belongs to no film", arguments: [0, -1, 100_000_008, .max, .min])
  func noFilm(id: Int) { #expect(FilmNumber(tmdbID: id) == nil) }

  @Test("of 100,000 ids, about 1.5% are absent, 0.5% are series or episodes, and 0.1% have no credits")
  func shares() throws {
    var absent = 0
    var series = 0
    var episodes = 0
    var withoutCredits = 0
    for value in 0..<100_000 {
      switch Catalogue.entry(of: try #require(FilmNumber(value))) {
      case .absent: absent += 1
      case .series: series += 1
      case .episode: episodes += 1
      case .filmWithoutCredits: withoutCredits += 1
      case .film: break
      }
    }
    #expect((1350...1650).contains(absent))
    #expect((420...580).contains(series + episodes))
    #expect(series > 0 && episodes > 0)
    #expect((60...140).contains(withoutCredits))
  }

  @Test("credits are well-formed JSON with TMDB's shape, and their median size is near 5 KB")
  func credits() throws {
    var sizes: [Int] = []
    var seen = ""
    for value in 0..<1500 {
      let film = try #require(FilmNumber(value * 6121))
      guard let body = Catalogue.credits(imdbID: film.description) else { continue }
      sizes.append(body.count)
      if value < 150 { seen += String(decoding: body, as: UTF8.self) }
      let object = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
      #expect(object["id"] as? Int == film.tmdbID)
      let cast = try #require(object["cast"] as? [[String: Any]])
      let crew = try #require(object["crew"] as? [[String: Any]])
      #expect(cast.enumerated().allSatisfy { $1["order"] as? Int == $0 })
      let ids = (cast + crew).compactMap { $0["credit_id"] as? String }
      #expect(Set(ids).count == cast.count + crew.count)
      #expect(ids.allSatisfy { $0.count == 24 })
    }
    sizes.sort()
    #expect((4000...6000).contains(sizes[sizes.count / 2]))
    #expect(try #require(sizes.last) > 80_000)
    #expect(try #require(sizes.last) < 200_000)
    for sample in [#"\u0026"#, #"\""#, #""profile_path":null"#, #""character":"""#, "é", "葵"] {
      #expect(seen.contains(sample), "\(sample)")
    }
    #expect(!seen.contains("\n"))
  }

  @Test("the smallest credits have no people") func smallest() throws {
    let film = try #require(
      (0..<1000).lazy.compactMap { FilmNumber($0) }.first { CreditsPlan(of: $0).isEmpty })
    let body = try #require(Catalogue.credits(imdbID: film.description))
    #expect(String(decoding: body, as: UTF8.self) == #"{"id":\#(film.tmdbID),"cast":[],"crew":[]}"#)
  }

  @Test("the number of people follows the film's rank, up to 640", arguments: [0, 150, 151, 5000, 9999])
  func people(rank: Int) {
    let expected = [0: 0, 150: 0, 151: 1, 5000: 19, 9999: 640]
    #expect(CreditsPlan.people(at: rank) == expected[rank])
  }

  @Test("the keys are in TMDB's order") func keyOrder() throws {
    let block = String(decoding: PieceKey(.cast, people: 1, variant: 0).bytes(), as: UTF8.self)
    #expect(
      keys(of: block) == [
        "adult", "gender", "id", "known_for_department", "name", "original_name", "popularity",
        "profile_path",
        "cast_id", "character", "credit_id", "order",
      ])
    let crew = String(decoding: PieceKey(.crew, people: 1, variant: 0).bytes(), as: UTF8.self)
    #expect(
      keys(of: crew) == [
        "adult", "gender", "id", "known_for_department", "name", "original_name", "popularity",
        "profile_path",
        "credit_id", "department", "job",
      ])
  }

  @Test("a person in a block takes about 267 bytes") func weight() {
    let bytes =
      (0..<16).reduce(0) { $0 + PieceKey(.cast, people: 16, variant: $1).bytes().count }
      + (0..<16).reduce(0) { $0 + PieceKey(.crew, people: 16, variant: $1).bytes().count }
    #expect((240...295).contains(bytes / (32 * 16)))
  }

  private func keys(of object: String) -> [String] {
    object.matches(of: /[{,]"([a-z_]+)":/).map { String($0.1) }
  }
}

extension CreditsPlan {
  fileprivate var isEmpty: Bool { cast.isEmpty && crew.isEmpty }
}

/// An IMDb id of each kind.
enum Sample {
  static let film = id { if case .film = $0 { true } else { false } }
  static let absent = id { $0 == .absent }
  static let series = id { if case .series = $0 { true } else { false } }
  static let episode = id { if case .episode = $0 { true } else { false } }
  static let withoutCredits = id { if case .filmWithoutCredits = $0 { true } else { false } }

  private static func id(_ isWanted: (Catalogue.Entry) -> Bool) -> String {
    (100...).lazy.compactMap { FilmNumber($0) }.first { isWanted(Catalogue.entry(of: $0)) }?.description ?? ""
  }
}
