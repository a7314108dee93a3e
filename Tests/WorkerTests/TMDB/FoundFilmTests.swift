import Testing

@testable import Shared

/// Films whose TMDB id an earlier hop found.
@Suite("Films that were found before") struct FoundFilmTests {
  private static let found = [ScriptedTMDB.id(1): 1]

  private static func body(_ film: Int) -> FilmOutcome { .credits(ScriptedTMDB.creditsBody(film)) }

  @Test("a film that was found before takes one request", arguments: Lookup.allCases)
  func oneRequest(lookup: Lookup) {
    let result = ScriptedTMDB.fetch(films: 1...2, lookup: lookup, found: Self.found) { _ in nil }
    #expect(result.outcomes == [Self.body(1), Self.body(2)])
    #expect(result.requests.filter { $0.id == "1" || $0.id == ScriptedTMDB.id(1) }.map(\.id) == ["1"])
  }

  @Test("if TMDB has deleted the film since, find is asked, and names its new entry") func deleted() {
    let result = ScriptedTMDB.fetch(films: 1...1, found: Self.found) {
      $0.route == .find ? .find(500) : $0.id == "1" ? .status(404) : nil
    }
    #expect(result.outcomes == [Self.body(500)])
    #expect(result.counts.sent == 3)
  }

  @Test("if its credits are another film's, find is asked, and names the film that it is now")
  func merged() {
    let result = ScriptedTMDB.fetch(films: 1...1, found: Self.found) {
      $0.route == .find || $0.id == "1" ? ($0.route == .find ? .find(500) : .credits(500)) : nil
    }
    #expect(result.outcomes == [Self.body(500)])
    #expect(result.counts.sent == 3)
  }

  @Test("if find does not name it any more, it is absent") func absent() {
    let result = ScriptedTMDB.fetch(films: 1...1, found: Self.found) {
      $0.route == .find ? .find(nil) : .status(404)
    }
    #expect(result.outcomes == [.absent])
  }

  @Test("an id that makes no sense costs requests, never a wrong film", arguments: [Int.min, -1, 0, 2, .max])
  func nonsense(id: Int) {
    let result = ScriptedTMDB.fetch(films: 1...1, found: [ScriptedTMDB.id(1): id]) {
      $0.route == .credits && $0.id != "1" ? .status(404) : nil
    }
    #expect(result.outcomes == [Self.body(1)])
  }
}
