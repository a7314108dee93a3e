import Shared

/// Selects films from a movies.csv that arrives in chunks of any size. Apart from the film ids, memory use is constant.
///
/// The columns `id` and `genero` are located by name in the header. The first row of each film decides whether it is
/// selected, and the selected films keep the order of the input. Unreadable rows are counted, and the first few are
/// reported.
struct MovieScan {
  /// Maximum number of unreadable rows that are reported with a reason.
  private static let reportedRowsMax = 5
  /// Maximum number of distinct `genero` values kept for the error that nothing was selected.
  private static let generosMax = 30

  /// Ids of the selected films, in input order.
  private(set) var selected: [String] = []
  /// The genre fields of the selected films.
  private(set) var selectedGeneros = GeneroList()
  /// Number of rows after the header, excluding empty ones.
  private(set) var rows = 0
  /// Number of distinct films.
  var films: Int { seen.count }
  /// Number of unreadable rows.
  private(set) var skipped = 0
  /// The first unreadable rows, each as `row 7: reason`. Row numbers start at 1 and count the header and empty rows.
  private(set) var firstSkipped: [String] = []

  private let filter: GenreFilter
  private let genres: [String]
  private var splitter = RowSplitter()
  private var dialect: Dialect?
  private var seen = FilmSet()
  /// The prefix of all rows of the previous film, which most rows repeat. Nil before the first film, and if the id is
  /// not the first column.
  private var previous: RowPrefix?
  private var generos: Set<String> = []

  init(genres: [String], match: DispatcherEvent.Match) {
    filter = GenreFilter(genres: genres, match: match)
    self.genres = genres
  }

  /// Scans the next chunk of the source.
  mutating func consume(_ chunk: UnsafeRawBufferPointer) throws(SelectionError) {
    var position = 0
    while true {
      if let previous { rows += splitter.skipRows(startingWith: previous, in: chunk, from: &position) }
      guard let row = try splitter.next(in: chunk, from: &position) else { return }
      switch row {
      case .inChunk(let range): try take(UnsafeRawBufferPointer(rebasing: chunk[range]))
      case .joined(let bytes): try bytes.withBytes { row throws(SelectionError) in try take(row) }
      }
    }
  }

  /// Ends the input.
  /// - Throws: `SelectionError`, including `.nothingSelected` if no film was selected.
  mutating func finish() throws(SelectionError) {
    if let bytes = try splitter.last() {
      try bytes.withBytes { row throws(SelectionError) in try take(row) }
    }
    guard dialect != nil else { throw .empty }
    guard !selected.isEmpty else {
      throw .nothingSelected(
        rows: rows, skipped: skipped, firstSkipped: firstSkipped.first, genres: generos.sorted(),
        requested: genres)
    }
  }

  private mutating func take(_ row: UnsafeRawBufferPointer) throws(SelectionError) {
    if let dialect { return takeFilm(row, dialect) }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let header = row.starts(with: byteOrderMark) ? UnsafeRawBufferPointer(rebasing: row.dropFirst(3)) : row
    // Empty lines are skipped, even before the header.
    guard !header.isEmpty else { return }
    let dialect = try Dialect(header: header)
    self.dialect = dialect
    splitter.quotedSeparator = dialect.isQuoted ? dialect.separator : nil
  }

  private mutating func takeFilm(_ row: UnsafeRawBufferPointer, _ dialect: Dialect) {
    guard !row.isEmpty else { return }
    rows += 1
    // A repeated row that the splitter could not skip, for example one that spans two chunks.
    if let previous, previous.isPrefix(of: row) { return }
    let fields = RowFields(row, dialect)
    guard let id = fields.id, let genero = fields.genero else {
      return skip("it has only \(fields.count) of \(dialect.columns) fields")
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
        "\"\(String(decoding: id.prefix(40), as: UTF8.self).printable)\" is not an IMDb id such as tt0133093")
    }
    if dialect.idColumn == 0 { previous = RowPrefix(id: id, separator: dialect.separator) }
    guard seen.insert(number) else { return }
    if filter.selects(genero) {
      selected.append(String(decoding: id, as: UTF8.self))
      selectedGeneros.append(genero)
    } else if selected.isEmpty, generos.count < Self.generosMax, !GenreFilter.isNull(genero) {
      generos.insert(String(decoding: genero.prefix(100), as: UTF8.self).printable)
    }
  }

  private mutating func skip(_ reason: String) {
    skipped += 1
    if firstSkipped.count < Self.reportedRowsMax { firstSkipped.append("row \(splitter.rows): \(reason)") }
  }

  /// Converts an IMDb id to a unique number of at most 36 bits: the number of digits in the high bits and the digits'
  /// value in the low 34 bits, so that consecutive ids give consecutive numbers. Nil if it is not an IMDb id.
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
