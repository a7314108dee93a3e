import Foundation
import TestSupport
import Testing

@testable import Dispatcher
@testable import Shared

@Suite("Rule of a refresh") struct RefreshRuleTests {
  private static func films(_ rows: [(String, BaseFilms.Film?)]) -> BaseFilms {
    var films = BaseFilms(capacity: rows.count)
    films.add(rows.compactMap { BaseFilms.Row($0.0, $0.1) })
    films.sort()
    return films
  }

  private struct Age: Codable, Equatable {
    let id: String
    let maxAgeDays: Int
    var ageMax: Int?
  }

  @Test(
    "the age from which a film is due is the one that Python computes",
    .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
  func python() throws {
    let ages = [1, 2, 3, 90, 91, 3650].flatMap { days in
      (0..<200).map { Age(id: "tt\(1_000_000 + $0 * 77_777)", maxAgeDays: days) }
    }
    let expected: [Age] = try PythonProgram.run("film_ages.py", input: ages)
    for age in expected {
      #expect(RefreshRule.ageMax(of: age.id, maxAgeDays: age.maxAgeDays) == age.ageMax, "\(age)")
    }
    #expect(expected.count == ages.count)
  }

  @Test(
    "films of one day come due over the whole second half of the time", arguments: [1, 2, 7, 90, 91, 3650])
  func spread(maxAgeDays: Int) {
    var counts: [Int: Int] = [:]
    for film in 0..<20_000 {
      counts[RefreshRule.ageMax(of: "tt\(1_000_000 + film)", maxAgeDays: maxAgeDays), default: 0] += 1
    }
    let range = maxAgeDays / 2...maxAgeDays
    #expect(counts.keys.allSatisfy { range.contains($0) })
    let mean = 20_000 / range.count
    if mean > 100 {
      #expect(counts.count == range.count)
      #expect(counts.values.allSatisfy { (mean / 2...mean * 2).contains($0) }, "\(counts)")
    }
  }

  @Test("a film is due when it is older than its limit, and not before") func due() throws {
    let today = UnixDay(number: 20_000)
    for id in (0..<50).map({ "tt\(1_000_000 + $0)" }) {
      let limit = RefreshRule.ageMax(of: id, maxAgeDays: 90)
      for (age, isKept) in [(limit, true), (limit + 1, false), (0, true), (-5, true)] {
        let film = BaseFilms.Film(tmdbID: 7, file: 0, fetchedOn: today + -age)
        let rule = RefreshRule(
          base: Self.films([(id, film)]), changes: .films([8]), today: today, maxAgeDays: 90)
        switch rule.decide(id) {
        case .keep(let kept): #expect(isKept && kept == film)
        case .fetch(.due, tmdbID: 7): #expect(!isKept)
        default: Issue.record("\(id) at \(age) days")
        }
      }
    }
  }

  @Test("ids are found whatever their length and order, and no other id is") func ids() {
    let ids = ["tt0000009", "tt00000009", "tt9999999999", "tt0133093", "tt10133093", "tt0000000"]
    let rows = ids.enumerated().map {
      ($1, BaseFilms.Film(tmdbID: $0 + 1, file: 2 * $0, fetchedOn: UnixDay(number: $0)))
    }
    let films = Self.films(rows.map { ($0.0, $0.1) } + [("tt0000001", nil), ("nm0000002", nil)])
    for (id, film) in rows { #expect(films[id] == .known(film)) }
    #expect(films["tt0000001"] == .absent)
    for id in ["tt0000002", "tt000000009", "nm0000002", "", "tt", "tt00000000009"] {
      #expect(films[id] == .unknown, "\(id)")
    }
    #expect(films.count == 7)
  }

  @Test("of two rows of a film, the one with credits counts") func twice() {
    let film = BaseFilms.Film(tmdbID: 7, file: 1, fetchedOn: UnixDay(number: 3))
    #expect(Self.films([("tt0000009", nil), ("tt0000009", film)])["tt0000009"] == .known(film))
    #expect(Self.films([("tt0000009", film), ("tt0000009", nil)])["tt0000009"] == .known(film))
  }
}
