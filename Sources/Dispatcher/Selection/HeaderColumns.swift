import Shared

/// What a column that the scan needs contains.
enum ColumnRole: CaseIterable {
  case id
  case genres

  /// The names by which the column is recognized, in lower case.
  var usualNames: [String] {
    switch self {
    case .id: ["id", "tconst", "imdb_id", "imdbid", "const"]
    case .genres: ["genero", "gênero", "generos", "genre", "genres"]
    }
  }

  /// The name that the event gives to the column.
  fileprivate func chosenName(_ chosen: SourceColumns) -> String? {
    switch self {
    case .id: chosen.id
    case .genres: chosen.genres
    }
  }
}

/// The column names of a header line, and which of them are those of the ids and of the genres.
///
/// Names are compared without regard to case. Accented letters are equal whether they are stored as one character or
/// as a letter and a combining accent.
struct HeaderColumns {
  let names: [String]
  private let chosen: SourceColumns
  /// The positions of all columns that could have each role.
  private let candidates: [ColumnRole: [Int]]

  /// - Parameters:
  ///   - names: the names without white space around them.
  ///   - chosen: the names that the event gives.
  init(names: [String], chosen: SourceColumns) {
    self.names = names
    self.chosen = chosen
    let lowercase = names.map { $0.lowercased() }
    var candidates: [ColumnRole: [Int]] = [:]
    for role in ColumnRole.allCases {
      let name = role.chosenName(chosen)?.trimmed
      let wanted = name.map { [$0.lowercased()] } ?? role.usualNames
      let positions = names.indices.filter { wanted.contains(lowercase[$0]) }
      // A chosen name that two columns have in different cases is that of the column with the same spelling.
      let exact = positions.filter { names[$0] == name }
      candidates[role] = exact.count == 1 ? exact : positions
    }
    self.candidates = candidates
  }

  /// How well the names fit: first the number of roles for which there is a column, then the number of columns.
  var rank: (Int, Int) { (ColumnRole.allCases.count { !positions($0).isEmpty }, names.count) }

  /// Returns the positions of the two columns.
  func idAndGenres() throws(HeaderError) -> (id: Int, genres: Int) {
    let missing = ColumnRole.allCases.filter { positions($0).isEmpty }
    guard missing.isEmpty else {
      throw .missing(missing.map { ($0, $0.chosenName(chosen)) }.map(HeaderError.Column.init), found: names)
    }
    let (id, genres) = (try position(.id), try position(.genres))
    guard id != genres else { throw .sameColumn(names[id]) }
    return (id, genres)
  }

  /// Returns the position of the column `titleType`; nil if there is none, or if the event gives it another role.
  func titleType() throws(HeaderError) -> Int? {
    let others = ColumnRole.allCases.flatMap(positions)
    let positions = names.indices.filter { names[$0].lowercased() == "titletype" && !others.contains($0) }
    guard positions.count <= 1 else { throw .duplicate(names[positions[0]]) }
    return positions.first
  }

  private func positions(_ role: ColumnRole) -> [Int] { candidates[role] ?? [] }

  private func position(_ role: ColumnRole) throws(HeaderError) -> Int {
    let positions = positions(role)
    if positions.count == 1 { return positions[0] }
    let candidates = positions.map { names[$0] }
    // The event can choose a column only by a name that no other column has.
    guard let example = candidates.first(where: { name in names.count { $0 == name } == 1 }) else {
      throw .duplicate(candidates[0])
    }
    throw .ambiguous(role, candidates: candidates, example: example)
  }
}
