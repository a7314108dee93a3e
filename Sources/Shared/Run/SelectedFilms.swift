/// films.csv: the films that a run selected, each with its own genres, in the dispatcher's input format. The worker that
/// ends the run copies the genres of failed films from it into failed.csv.
package enum SelectedFilms {
  private static let header = "id|genero\n"

  /// The contents of films.csv.
  /// - Parameters:
  ///   - films: IMDb ids in the order of the input.
  ///   - generos: the distinct genre fields of the films, as the source has them.
  ///   - indexes: for each film, the index of its field in `generos`.
  ///   - genres: the run's genres, which stand for a field that a row cannot contain.
  package static func table(films: [String], generos: [String], indexes: [UInt16], genres: [String])
    -> [UInt8]
  {
    let fallback = FailedFilms.genero(of: genres)
    let ends = generos.map { genero in
      // Genres that `|` separates in the source are separated by commas here, where `|` separates the fields.
      let field = String(genero.map { $0 == "|" ? "," : $0 })
      return Array("|\(isPlain(field) ? field : fallback)\n".utf8)
    }
    var table = Array(header.utf8)
    table.reserveCapacity(films.count * 32)
    for (film, index) in zip(films, indexes) {
      table.append(contentsOf: film.utf8)
      table.append(contentsOf: ends[Int(index)])
    }
    return table
  }

  /// The position of a film in films.csv, which is its position among all films of the run's plans.
  /// - Returns: the position, from 0, or nil if the table does not have the film; and the number of films.
  package static func position(of film: String, in table: [UInt8]) -> (position: Int?, count: Int) {
    let (start, end) = (Array(film.utf8) + [UInt8(ascii: "|")], UInt8(ascii: "\n"))
    var (position, count) = (Int?.none, 0)
    for row in table.split(separator: end).dropFirst() {
      if row.starts(with: start) { position = position ?? count }
      count += 1
    }
    return (position, count)
  }

  /// The number of films in films.csv.
  package static func count(in table: [UInt8]) -> Int {
    max(0, table.count { $0 == UInt8(ascii: "\n") } - 1)
  }

  /// Reads films' genre fields from films.csv.
  /// - Returns: the fields by film. Films that the table does not have are left out.
  package static func generos(of films: Set<String>, in table: [UInt8]) -> [String: String] {
    var generos: [String: String] = [:]
    for row in table.split(separator: UInt8(ascii: "\n")) {
      guard let separator = row.firstIndex(of: UInt8(ascii: "|")) else { continue }
      let film = String(decoding: row[..<separator], as: UTF8.self)
      if films.contains(film) { generos[film] = String(decoding: row[(separator + 1)...], as: UTF8.self) }
    }
    return generos
  }

  /// Whether a field can be written to a row as it is.
  private static func isPlain(_ genero: String) -> Bool {
    !genero.isEmpty && genero.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "|") }
  }
}
