import Shared

/// Selects films from a movies.csv that comes in chunks of any size, in constant memory but for the ids.
///
/// The columns `id` and `genero` are found by the header's names. Each film counts once, by its first row, in the
/// order of the input. Rows that cannot be read are counted and the first of them named.
struct MovieScan {
  /// Rows that are named in the result.
  private static let namedMax = 5
  /// Distinct generos that are kept for the sentence that nothing was selected.
  private static let generosMax = 30

  /// Ids of the selected films, in the order of the input.
  private(set) var selected: [String] = []
  /// Rows below the header, empty ones left out.
  private(set) var rows = 0
  /// Distinct films.
  var films: Int { seen.count }
  /// Rows that could not be read.
  private(set) var skipped = 0
  /// The first of them, each with its reason.
  private(set) var firstSkipped: [String] = []

  private let filter: GenreFilter
  private let genres: [String]
  private var splitter = RowSplitter()
  private var dialect: Dialect?
  private var seen = FilmSet()
  /// How the rows of the last film begin, which most rows do; nil where the id is not the first column.
  private var previous: RowPrefix?
  private var generos: Set<String> = []

  init(genres: [String], match: DispatcherEvent.Match) {
    filter = GenreFilter(genres: genres, match: match)
    self.genres = genres
  }

  mutating func consume(_ chunk: UnsafeRawBufferPointer) throws(SelectionError) {
    var position = 0
    while true {
      if let previous { rows += splitter.skipRows(beginning: previous, in: chunk, from: &position) }
      guard let row = try splitter.next(in: chunk, from: &position) else { return }
      switch row {
      case .inChunk(let range): try take(UnsafeRawBufferPointer(rebasing: chunk[range]))
      case .joined(let bytes): try bytes.withBytes { row throws(SelectionError) in try take(row) }
      }
    }
  }

  /// Ends the input.
  /// - Throws: `SelectionError.nothingSelected` too.
  mutating func finish() throws(SelectionError) {
    if let bytes = try splitter.last() {
      try bytes.withBytes { row throws(SelectionError) in try take(row) }
    }
    guard dialect != nil else { throw .empty }
    guard !selected.isEmpty else {
      throw .nothingSelected(
        rows: rows, skipped: skipped, firstSkipped: firstSkipped.first, genres: generos.sorted(),
        asked: genres)
    }
  }

  private mutating func take(_ row: UnsafeRawBufferPointer) throws(SelectionError) {
    if let dialect { return takeFilm(row, dialect) }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let header = row.starts(with: mark) ? UnsafeRawBufferPointer(rebasing: row.dropFirst(3)) : row
    // Empty lines in front are passed over, as anywhere else.
    guard !header.isEmpty else { return }
    let dialect = try Dialect(header: header)
    self.dialect = dialect
    splitter.quotedSeparator = dialect.isQuoted ? dialect.separator : nil
  }

  private mutating func takeFilm(_ row: UnsafeRawBufferPointer, _ dialect: Dialect) {
    guard !row.isEmpty else { return }
    rows += 1
    // One that the splitter could not pass over.
    if let previous, previous.begins(row) { return }
    let fields = RowFields(row, dialect)
    guard let id = fields.id, let genero = fields.genero else {
      return skip("it has \(fields.count) fields of \(dialect.columns)")
    }
    guard fields.count <= dialect.columns else {
      return skip("it has \(fields.count) fields instead of \(dialect.columns)")
    }
    if dialect.isQuoted, id.first == 0x22 || genero.first == 0x22 {
      let (plainID, plainGenero) = (FieldScanner.unquoted(id), FieldScanner.unquoted(genero))
      plainID.withUnsafeBytes { id in plainGenero.withUnsafeBytes { takeFilm(id: id, genero: $0, dialect) } }
    } else {
      takeFilm(id: id, genero: genero, dialect)
    }
  }

  private mutating func takeFilm(
    id: UnsafeRawBufferPointer, genero: UnsafeRawBufferPointer, _ dialect: Dialect
  ) {
    guard let number = Self.number(of: id) else {
      return skip(
        "\"\(String(decoding: id.prefix(40), as: UTF8.self).printable)\" is no IMDb id such as tt0133093")
    }
    if dialect.idColumn == 0 { previous = RowPrefix(id: id, separator: dialect.separator) }
    guard seen.insert(number) else { return }
    if filter.selects(genero) {
      selected.append(String(decoding: id, as: UTF8.self))
    } else if selected.isEmpty, generos.count < Self.generosMax, !GenreFilter.isNull(genero) {
      generos.insert(String(decoding: genero.prefix(100), as: UTF8.self).printable)
    }
  }

  private mutating func skip(_ reason: String) {
    skipped += 1
    if firstSkipped.count < Self.namedMax { firstSkipped.append("row \(splitter.rows): \(reason)") }
  }

  /// An id as a number of 36 bits that no other id has: its digits, and in front of them how many there are, so that
  /// ids that follow one another stay together. Nil when it is no IMDb id.
  private static func number(of id: UnsafeRawBufferPointer) -> UInt64? {
    guard (9...12).contains(id.count), id[0] == UInt8(ascii: "t"), id[1] == UInt8(ascii: "t") else {
      return nil
    }
    var number: UInt64 = 0
    for digit in id.dropFirst(2) {
      guard digit &- 0x30 < 10 else { return nil }
      number = number * 10 + UInt64(digit - 0x30)
    }
    return UInt64(id.count - 9) << 34 | number
  }
}
