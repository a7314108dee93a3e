/// An edit rule: what changes at TMDB, and on which day.
///
/// A rule is written as words separated by spaces: `on=2026-11-21`, then exactly one edit. With `id=tt0000123`:
/// `change`, `vanish`, `appear` or `merge=tt0000456`, and optionally `unlisted`, which leaves the edit out of the list
/// of changes. Without `id`: `null`, an entry without an id, or `others=N`, entries of N films that have no IMDb id.
package struct Edit: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// The film's credits get one more person.
    case change(FilmNumber)
    /// TMDB deletes the film.
    case vanish(FilmNumber)
    /// TMDB gets the film; before, it does not have it.
    case appear(FilmNumber)
    /// TMDB deletes the film, and its IMDb id becomes that of the other one.
    case merge(FilmNumber, into: FilmNumber)
    case null
    case others(Int)
  }

  /// The most entries of one `others` rule.
  static let othersMax = 100_000

  package let day: CalendarDay
  package let kind: Kind
  /// Whether the list of changes has it. TMDB's list misses an edit now and then.
  package let isListed: Bool

  package init(_ kind: Kind, on day: CalendarDay, isListed: Bool = true) {
    self.kind = kind
    self.day = day
    self.isListed = isListed
  }

  /// - Throws: `UsageError` with the word that is not valid.
  package init(parsing line: String) throws {
    var words = EditParser(line)
    for word in line.split(whereSeparator: { $0 == " " || $0 == "\t" }) { try words.take(word) }
    self = try words.result()
  }
}

/// The words of a rule parsed so far.
private struct EditParser {
  private enum Verb {
    case change, vanish, appear, null
    case merge(FilmNumber)
    case others(Int)
  }

  private let line: String
  private var film: FilmNumber?
  private var day: CalendarDay?
  private var verb: Verb?
  private var isListed = true

  init(_ line: String) { self.line = line }

  mutating func take(_ word: Substring) throws {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count == 2 ? parts[1] : nil
    switch (String(parts[0]), value) {
    case ("id", let id?): film = try EditParser.film(id, word)
    case ("on", let text?):
      day = CalendarDay(parsing: text)
      if day == nil { throw UsageError("edit rule: \(word) is not a day; write it as on=2026-11-21") }
    case ("unlisted", nil): isListed = false
    case ("change", nil): try take(.change, word)
    case ("vanish", nil): try take(.vanish, word)
    case ("appear", nil): try take(.appear, word)
    case ("null", nil): try take(.null, word)
    case ("merge", let id?): try take(.merge(try EditParser.film(id, word)), word)
    case ("others", let text?):
      guard let count = Int(text), (1...Edit.othersMax).contains(count) else {
        throw UsageError("edit rule: \(word) is not a number from 1 to \(Edit.othersMax)")
      }
      try take(.others(count), word)
    default: throw UsageError("edit rule: unknown word \(word)")
    }
  }

  func result() throws -> Edit {
    guard let day else {
      throw UsageError("edit rule: \"\(line)\" has no day; add one, such as on=2026-11-21")
    }
    guard let verb else { throw UsageError("edit rule: \"\(line)\" has no edit; add one, such as change") }
    switch (verb, film) {
    case (.null, nil): return Edit(.null, on: day, isListed: try listed())
    case (.others(let count), nil): return Edit(.others(count), on: day, isListed: try listed())
    case (.null, _?), (.others, _?): throw UsageError("edit rule: \"\(line)\" has an id that has no effect")
    case (_, nil): throw UsageError("edit rule: \"\(line)\" has no film; add one, such as id=tt0000123")
    case (.change, let film?): return Edit(.change(film), on: day, isListed: isListed)
    case (.vanish, let film?): return Edit(.vanish(film), on: day, isListed: isListed)
    case (.appear, let film?): return Edit(.appear(film), on: day, isListed: isListed)
    case (.merge(let other), let film?):
      guard film != other else { throw UsageError("edit rule: \"\(line)\" merges a film with itself") }
      return Edit(.merge(film, into: other), on: day, isListed: isListed)
    }
  }

  private mutating func take(_ verb: Verb, _ word: Substring) throws {
    guard self.verb == nil else { throw UsageError("edit rule: \(word) is a second edit") }
    self.verb = verb
  }

  /// An edit of no film has no effect if it is not listed.
  private func listed() throws -> Bool {
    guard isListed else { throw UsageError("edit rule: \"\(line)\" has no effect, because it is unlisted") }
    return true
  }

  private static func film(_ id: Substring, _ word: Substring) throws -> FilmNumber {
    guard let film = FilmNumber(imdbID: id) else {
      throw UsageError("edit rule: \(word) is not an IMDb id")
    }
    return film
  }
}
