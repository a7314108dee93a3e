import Shared

/// A file that is ready to be written, with the outcomes of its films.
///
/// Safety of `@unchecked Sendable`: used only by the task that writes the file, after the one that created it.
final class FetchedFile: @unchecked Sendable {
  /// Index among the files to fetch.
  let position: Int
  /// From 1.
  let number: Int
  let absent: [String]
  let failed: [ShardReport.FailedFilm]
  /// Number of films left for the next hop.
  let postponed: Int
  /// The films that were kept from the run's base.
  let kept: Set<String>
  /// The base's file, if it contains exactly this file's films; see `KnownFilms.baseFile`.
  let baseFile: DataFile?
  /// The films, without the responses that were taken.
  private(set) var films: [(id: String, outcome: FilmOutcome)]
  private var nextFilm = 0

  init(
    position: Int, number: Int, films: [(id: String, outcome: FilmOutcome)], kept: Set<String> = [],
    baseFile: DataFile? = nil
  ) {
    self.position = position
    self.number = number
    self.films = films
    self.kept = kept
    let credits = films.count { if case .credits = $0.outcome { true } else { false } }
    self.baseFile = credits == kept.count ? baseFile : nil
    absent = films.filter { $0.outcome == .absent }.map(\.id)
    failed = films.compactMap { film in
      guard case .failed(let reason) = film.outcome else { return nil }
      return ShardReport.FailedFilm(id: film.id, reason: reason)
    }
    postponed = films.count { $0.outcome == .postponed }
  }

  /// The next film with a response, which this file then no longer keeps in memory; nil after the last one.
  func takeResponse() -> (id: String, response: [UInt8])? {
    while nextFilm < films.count {
      defer { nextFilm += 1 }
      guard case .credits(let response) = films[nextFilm].outcome else { continue }
      films[nextFilm].outcome = .credits([])
      return (films[nextFilm].id, response)
    }
    return nil
  }
}
