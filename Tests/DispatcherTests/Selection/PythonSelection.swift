import Foundation
import Shared
import TestSupport

@testable import Dispatcher

/// The selection that Python makes with its modules csv and gzip.
enum PythonSelection {
  private struct Job: Encodable {
    let path, separator: String
    let genres: [String]
    let match: String
    let titleTypes: [String]
    let id, genreColumn: String
  }

  private struct Output: Decodable {
    let films: [String]
    let rows, distinct, skipped: Int
    let genresWithoutFilms: [String]
  }

  /// Selects films from a file.
  /// - Parameter separator: the one of the file; with `|` and tab, fields are not quoted.
  static func select(_ path: String, separator: String, _ criteria: SelectionCriteria) throws -> ScanResult {
    let job = Job(
      path: path, separator: separator, genres: criteria.genres, match: criteria.match.rawValue,
      titleTypes: criteria.titleTypes, id: criteria.columns.id ?? "",
      genreColumn: criteria.columns.genres ?? "")
    let found: Output = try PythonProgram.run("select_films.py", input: job)
    return ScanResult(
      films: found.films, rows: found.rows, distinct: found.distinct, skipped: found.skipped,
      genresWithoutFilms: found.genresWithoutFilms)
  }
}
