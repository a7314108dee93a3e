/// The films that the simulated TMDB has: a pure function of the id, so that a test can compute every response.
///
/// Of 10,000 IMDb ids, 150 are absent, 20 are series and 30 are episodes. The rest are films; one in a thousand of
/// them is found but has no credits. Malformed IMDb ids are absent.
package enum Catalogue {
  package enum Entry: Equatable, Sendable {
    case film(FilmNumber)
    /// A find returns it, but its credits are a 404.
    case filmWithoutCredits(FilmNumber)
    case series(FilmNumber)
    case episode(FilmNumber)
    case absent
  }

  package static func entry(imdbID: String) -> Entry {
    FilmNumber(imdbID: imdbID).map(entry) ?? .absent
  }

  package static func entry(of number: FilmNumber) -> Entry {
    var draw = DeterministicRandom(1, UInt64(number.value))
    switch draw.below(10_000) {
    case ..<150: return .absent
    case ..<170: return .series(number)
    case ..<200: return .episode(number)
    default: return draw.below(1000) == 0 ? .filmWithoutCredits(number) : .film(number)
    }
  }

  /// The body of `GET /3/find/{imdbID}?external_source=imdb_id`. An unknown id has a body too, with empty arrays.
  package static func find(imdbID: String) -> [UInt8] {
    bytes(findSegments(entry(imdbID: imdbID)))
  }

  /// The TMDB id that a find returns; nil if the id is not a film.
  package static func tmdbID(imdbID: String) -> Int? { tmdbID(of: entry(imdbID: imdbID)) }

  static func tmdbID(of entry: Entry) -> Int? {
    switch entry {
    case .film(let number), .filmWithoutCredits(let number): number.tmdbID
    case .series, .episode, .absent: nil
    }
  }

  /// The body of a film's credits, the same on both routes; nil if the response is a 404.
  package static func credits(imdbID: String) -> [UInt8]? {
    guard case .film(let number) = entry(imdbID: imdbID) else { return nil }
    return bytes(CreditsPlan(of: number).segments(id: number.tmdbID))
  }

  static func findSegments(_ entry: Entry) -> [Segment] {
    switch entry {
    case .absent: [.text(emptyFind)]
    case .film(let number), .filmWithoutCredits(let number): found(.movieHead, .movieTail, number)
    case .series(let number): found(.seriesHead, .seriesTail, number)
    case .episode(let number): found(.episodeHead, .episodeTail, number)
    }
  }

  /// The uncompressed body, composed from scratch.
  static func bytes(_ segments: [Segment]) -> [UInt8] {
    segments.reduce(into: []) { bytes, segment in
      switch segment {
      case .text(let text): bytes += text.withUTF8Buffer { Array($0) }
      case .number(let number): bytes += String(number).utf8
      case .piece(let key): bytes += key.bytes()
      }
    }
  }

  private static let emptyFind: StaticString =
    #"{"movie_results":[],"person_results":[],"tv_results":[],"tv_episode_results":[],"tv_season_results":[]}"#

  private static func found(_ head: PieceKey.Kind, _ tail: PieceKey.Kind, _ number: FilmNumber) -> [Segment] {
    var draw = DeterministicRandom(2, UInt64(number.value))
    return [
      .piece(PieceKey(head, variant: draw.below(PieceKey.headVariants))),
      .number(number.tmdbID),
      .piece(PieceKey(tail, variant: draw.below(PieceKey.tailVariants))),
    ]
  }
}
