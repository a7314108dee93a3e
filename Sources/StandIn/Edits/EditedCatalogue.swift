/// The catalogue on a given day, after the edits up to that day: a pure function of the day, the edits and the id.
package struct EditedCatalogue: Sendable {
  private enum Presence {
    case asInCatalogue, present, absent
    case merged(into: FilmNumber)
  }

  private struct State {
    var presence = Presence.asInCatalogue
    /// Whether an edit has decided on the film's presence, or decides on it later.
    var isDecided = false
    /// Number of changes of its credits.
    var revision = 0
  }

  /// The longest chain of merges that is followed. A longer one, or a circle, ends at no film.
  private static let mergesMax = 16

  private var states: [FilmNumber: State] = [:]

  /// - Parameter edits: those of one day take effect in this order.
  package init(_ edits: [Edit] = [], today: CalendarDay) {
    let ordered = edits.enumerated().sorted { ($0.element.day, $0.offset) < ($1.element.day, $1.offset) }
    for (_, edit) in ordered {
      let isInEffect = edit.day <= today
      switch edit.kind {
      case .change(let film): if isInEffect { states[film, default: State()].revision += 1 }
      case .vanish(let film): decide(film, isInEffect ? .absent : nil)
      case .merge(let film, let other): decide(film, isInEffect ? .merged(into: other) : nil)
      case .appear(let film):
        // Before the first edit that makes it appear, TMDB does not have the film.
        let isFirst = states[film]?.isDecided != true
        decide(film, isInEffect ? .present : isFirst ? .absent : nil)
      case .null, .others: break
      }
    }
  }

  private mutating func decide(_ film: FilmNumber, _ presence: Presence?) {
    states[film, default: State()].isDecided = true
    if let presence { states[film]?.presence = presence }
  }

  package func entry(imdbID: String) -> Catalogue.Entry { FilmNumber(imdbID: imdbID).map(entry) ?? .absent }

  /// - Parameter film: the number in an IMDb id. A merged film's entry is that of the film that it was merged into.
  package func entry(of film: FilmNumber) -> Catalogue.Entry {
    var film = film
    for _ in 0..<Self.mergesMax {
      switch states[film]?.presence {
      case nil, .asInCatalogue: return Catalogue.entry(of: film)
      case .present: return .film(film)
      case .absent: return .absent
      case .merged(let other): film = other
      }
    }
    return .absent
  }

  /// The TMDB id that a find returns; nil if the id is not a film.
  package func tmdbID(imdbID: String) -> Int? { Catalogue.tmdbID(of: entry(imdbID: imdbID)) }

  /// The body of a film's credits by its IMDb id; nil if the response is a 404.
  package func credits(imdbID: String) -> [UInt8]? {
    creditsSegments(imdbID: imdbID).map(Catalogue.bytes)
  }

  func creditsSegments(imdbID: String) -> [Segment]? {
    guard case .film(let film) = entry(imdbID: imdbID) else { return nil }
    return segments(film)
  }

  /// By the TMDB id, which a merged film has lost.
  func creditsSegments(tmdbID: Int) -> [Segment]? {
    guard let film = FilmNumber(tmdbID: tmdbID), case .film(film) = entry(of: film) else { return nil }
    return segments(film)
  }

  private func segments(_ film: FilmNumber) -> [Segment] {
    CreditsPlan(of: film, revision: states[film]?.revision ?? 0).segments(id: film.tmdbID)
  }
}
