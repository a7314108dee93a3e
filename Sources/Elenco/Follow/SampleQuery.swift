import Glibc
import Shared

/// A query for DuckDB over the data files that `elenco run --out` has copied.
struct SampleQuery: Equatable {
  /// One line of SQL: the ten most frequent names in the casts.
  let sql: String

  /// - Parameters:
  ///   - files: the keys of a run's data files, all in one folder.
  ///   - folder: the absolute path of the folder that the objects were copied to under their keys.
  /// - Returns: nil unless there are files and their format is JSON Lines.
  init?(files: [String], copiedTo folder: String) {
    guard let key = files.first, let encoding = DataFileEncoding(key: key), encoding.format == .lines else {
      return nil
    }
    let name = key.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let pattern = Self.escaped(folder + "/" + key.dropLast(name.count)) + "*" + encoding.ending
    sql =
      "SELECT p.name, count(*) AS films FROM read_json('\(pattern)') m, unnest(m.\"cast\") u(p) "
      + "GROUP BY 1 ORDER BY 2 DESC LIMIT 10;"
  }

  /// The absolute path of a folder; nil if it does not exist.
  static func absolutePath(_ folder: String) -> String? {
    guard let path = realpath(folder, nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  /// Escapes a path for a glob pattern in a SQL string.
  private static func escaped(_ path: String) -> String {
    path.map { character in
      switch character {
      case "'": "''"
      case "*", "?", "[": "[\(character)]"
      default: String(character)
      }
    }.joined()
  }
}
