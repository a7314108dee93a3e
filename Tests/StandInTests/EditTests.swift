/// Edit rules, and the catalogue that they lead to.
import Foundation
import TestSupport
import Testing

@testable import StandIn

@Suite("Edits") struct EditTests {
  private static func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(parsing: text)) }

  private static func catalogue(_ rules: String..., today: String) throws -> EditedCatalogue {
    EditedCatalogue(try rules.map { try Edit(parsing: $0) }, today: try day(today))
  }

  private static func number(_ id: String) throws -> FilmNumber { try #require(FilmNumber(imdbID: id)) }

  /// Compared with Foundation's calendar.
  @Test("days are those of the Gregorian calendar") func days() throws {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    for number in stride(from: -20_000, to: 60_000, by: 1) {
      let date = Date(timeIntervalSince1970: Double(number) * 86_400)
      let parts = calendar.dateComponents([.year, .month, .day], from: date)
      let text = String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
      guard CalendarDay(parsing: text)?.number == number else {
        Issue.record("\(text) is not day \(number)")
        return
      }
    }
    #expect(CalendarDay(millisecondsSince1970: 1_795_489_200_000) == (try Self.day("2026-11-24")))
  }

  @Test(
    "what is not a day in the form yyyy-MM-dd is refused",
    arguments: [
      "", "2026", "2026-11", "2026-11-2", "2026-11-211", "2026-13-01", "2026-00-10", "2026-02-29",
      "2026-04-31",
      "2026-11-00", "26-11-2100", "2026/11/21", "2026-11-2x", "+026-11-21", "２０２６-11", "1900-02-29",
    ])
  func notADay(text: String) { #expect(CalendarDay(parsing: text) == nil) }

  @Test("each kind of rule is parsed, its words in any order") func rules() throws {
    let (film, other) = (try Self.number("tt0000123"), try Self.number("tt0000456"))
    let day = try Self.day("2026-11-21")
    let expected: [(String, Edit)] = [
      ("on=2026-11-21 id=tt0000123 change", Edit(.change(film), on: day)),
      ("vanish  id=tt0000123\ton=2026-11-21", Edit(.vanish(film), on: day)),
      ("on=2026-11-21 id=tt0000123 appear unlisted", Edit(.appear(film), on: day, isListed: false)),
      ("on=2026-11-21 merge=tt0000456 id=tt0000123", Edit(.merge(film, into: other), on: day)),
      ("on=2026-11-21 null", Edit(.null, on: day)), ("others=7 on=2026-11-21", Edit(.others(7), on: day)),
    ]
    for (text, edit) in expected { #expect(try Edit(parsing: text) == edit) }
  }

  @Test(
    "the error for an invalid rule names the invalid part",
    arguments: [
      ("", "no day"), ("on=2026-11-21", "no edit"), ("id=tt0000123 change", "no day"),
      ("on=2026-11-21 change", "no film"), ("on=2026-11-31 id=tt0000123 change", "on=2026-11-31"),
      ("on=2026-11-21 id=nm1 change", "id=nm1"), ("on=2026-11-21 id=tt0000123 merge=x", "merge=x"),
      ("on=2026-11-21 id=tt0000123 merge=tt0000123", "with itself"),
      ("on=2026-11-21 id=tt0000123 change vanish", "vanish is a second edit"),
      ("on=2026-11-21 id=tt0000123 null", "no effect"), ("on=2026-11-21 null unlisted", "unlisted"),
      ("on=2026-11-21 others=0", "others=0"), ("on=2026-11-21 others=100001", "others=100001"),
      ("on=2026-11-21 id=tt0000123 rename", "unknown word rename"),
      ("on id=tt0000123 change", "unknown word on"),
      ("on=2026-11-21 id=tt0000123 change=1", "unknown word change=1"),
    ])
  func refused(rule: String, sentence: String) {
    let error = #expect(throws: UsageError.self) { try Edit(parsing: rule) }
    #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
  }

  @Test("each change of a film's credits adds one person, from its day on, also to a film without people")
  func change() throws {
    let empty = try #require(
      (100...).lazy.compactMap { FilmNumber($0)?.description }.first { id in
        Catalogue.credits(imdbID: id).map { $0.count < 40 } ?? false
      })
    for id in [Sample.film, empty] {
      let rules = ["on=2026-11-21 id=\(id) change", "on=2026-11-23 id=\(id) change"]
      var counts: [Int] = []
      var bodies: Set<[UInt8]> = []
      for today in ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"] {
        let catalogue = try Self.catalogue(rules[0], rules[1], today: today)
        let body = try #require(catalogue.credits(imdbID: id))
        let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        #expect(object?["id"] as? Int == Catalogue.tmdbID(imdbID: id))
        counts.append(((object?["cast"] as? [Any])?.count ?? -1) + ((object?["crew"] as? [Any])?.count ?? -1))
        bodies.insert(body)
        if today == "2026-11-20" { #expect(body == Catalogue.credits(imdbID: id)) }
      }
      #expect(counts.map { $0 - counts[0] } == [0, 1, 1, 2] && bodies.count == 3)
    }
  }

  @Test(
    "a film vanishes and comes back; one that appears is not there before, whether the catalogue has it or not"
  )
  func presence() throws {
    let rules = ["on=2026-11-23 id=\(Sample.film) appear", "on=2026-11-21 id=\(Sample.film) vanish"]
    for (today, isPresent) in [("2026-11-20", true), ("2026-11-21", false), ("2026-11-23", true)] {
      let catalogue = try Self.catalogue(rules[0], rules[1], today: today)
      #expect((catalogue.credits(imdbID: Sample.film) == Catalogue.credits(imdbID: Sample.film)) == isPresent)
      #expect((catalogue.tmdbID(imdbID: Sample.film) != nil) == isPresent)
    }
    for id in [Sample.film, Sample.absent, Sample.series, Sample.withoutCredits] {
      let rule = "on=2026-11-21 id=\(id) appear"
      #expect(try Self.catalogue(rule, today: "2026-11-20").entry(imdbID: id) == .absent)
      let later = try Self.catalogue(rule, today: "2026-11-21")
      #expect(try later.tmdbID(imdbID: id) == Self.number(id).tmdbID && later.credits(imdbID: id) != nil)
    }
  }

  @Test("a merged film becomes the other one, chains are followed, and circles end at no film") func merge()
    throws
  {
    let other = try #require(
      (100_000...).lazy.compactMap { FilmNumber($0) }.first {
        if case .film = Catalogue.entry(of: $0) { true } else { false }
      }
    ).description
    let rule = "on=2026-11-21 id=\(Sample.film) merge=\(other)"
    let merged = try Self.catalogue(rule, "on=2026-11-21 id=\(other) change", today: "2026-11-21")
    let tmdbID = try #require(Catalogue.tmdbID(imdbID: Sample.film))
    #expect(merged.entry(imdbID: Sample.film) == merged.entry(imdbID: other))
    #expect(merged.credits(imdbID: Sample.film) == merged.credits(imdbID: other))
    #expect(merged.credits(imdbID: other) != Catalogue.credits(imdbID: other))
    #expect(merged.creditsSegments(tmdbID: tmdbID) == nil)
    let chain = try Self.catalogue(
      rule, "on=2026-11-21 id=\(Sample.series) merge=\(Sample.film)", today: "2026-11-21")
    #expect(chain.tmdbID(imdbID: Sample.series) == Catalogue.tmdbID(imdbID: other))
    let circle = try Self.catalogue(
      rule, "on=2026-11-21 id=\(other) merge=\(Sample.film)", today: "2026-11-21")
    #expect(circle.entry(imdbID: other) == .absent && circle.tmdbID(imdbID: Sample.film) == nil)
  }

  @Test("a file has a rule per line; the error for an invalid one names the line") func file() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/edits"
    try Data("# edits\n\non=2026-11-21 id=tt0000123 change\non=2026-11-22 null".utf8).write(
      to: URL(filePath: path))
    let command = try Command(arguments: [
      "--edit", "on=2026-11-20 others=3", "--edits", path, "--today=2026-11-28",
    ])
    guard case .serve(let configuration) = command else { throw ClientError(description: "not serve") }
    #expect(configuration.edits.map(\.kind) == [.others(3), .change(try Self.number("tt0000123")), .null])
    #expect(configuration.today == (try Self.day("2026-11-28")))
    try Data("on=2026-11-22 null\nnonsense\n".utf8).write(to: URL(filePath: path))
    let error = #expect(throws: UsageError.self) { try Command(arguments: ["--edits", path]) }
    #expect(error?.description.contains("line 2") == true)
    #expect(throws: UsageError.self) { try Command(arguments: ["--edits", folder.path + "/none"]) }
    #expect(throws: UsageError.self) { try Command(arguments: ["--edits", folder.path]) }
    #expect(throws: UsageError.self) { try Command(arguments: ["--today", "yesterday"]) }
  }
}
