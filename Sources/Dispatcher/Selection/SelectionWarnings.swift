import Shared

extension MovieScan {
  /// What was asked for and had no effect on the selection.
  func warnings(source: ObjectAddress) -> [String] {
    [unusedGenres(source), unusedTitleTypes(source)].compactMap { $0 }
  }

  private func unusedGenres(_ source: ObjectAddress) -> String? {
    let genres = genresWithoutFilms.map(\.printable)
    guard !genres.isEmpty else { return nil }
    return
      "No film in \(source) has the requested \(genres.count == 1 ? "genre" : "genres") "
      + "\(genres.joined(separator: " or ")). Check the spelling."
  }

  private func unusedTitleTypes(_ source: ObjectAddress) -> String? {
    guard !hasTitleTypes, criteria.titleTypes != RunDefaults.titleTypes else { return nil }
    return "\"titleTypes\" had no effect, because \(source) has no column titleType."
  }
}
