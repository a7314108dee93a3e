import Shared

/// Selects films from a movies.csv that arrives in chunks of any size. Apart from the film ids, memory use is constant.
///
/// The columns of ids and genres are located by name in the header. The first row of each film decides whether it is
/// selected, and the selected films keep the order of the input. Unreadable rows are counted, and the first few are
/// reported. If the source has a column of title types, rows of other types than the requested ones are ignored.
struct MovieScan {
  /// Maximum number of unreadable rows that are reported with a reason.
  private static let reportedRowsMax = 5
  /// Maximum number of distinct genre fields kept for the error that nothing was selected.
  private static let genreFieldsMax = 30

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

  let criteria: SelectionCriteria
  private var genreFilter: GenreFilter
  /// Nil if the source has no column of title types.
  private var titleTypeFilter: TitleTypeFilter?
  /// Nil once the line break is known.
  private var lineBreakSearch: LineBreakSearch? = LineBreakSearch()
  private var splitter = RowSplitter()
  private var dialect: Dialect?
  private var seen = FilmSet()
  /// The prefix of all rows of the previous film, which most rows repeat. Nil before the first film, and if the id is
  /// not the first column.
  private var previous: RowPrefix?
  private var genreFields: Set<String> = []

  init(_ criteria: SelectionCriteria) {
    self.criteria = criteria
    genreFilter = GenreFilter(genres: criteria.genres, match: criteria.match)
  }

  /// The requested genres that no film has.
  var genresWithoutFilms: [String] { genreFilter.genresWithoutFilms }
  /// Whether the source has a column of title types.
  var hasTitleTypes: Bool { titleTypeFilter != nil }

  /// Scans the next chunk of the source.
  mutating func consume(_ chunk: UnsafeRawBufferPointer) throws(SelectionError) {
    if lineBreakSearch != nil {
      guard let lineBreak = lineBreakSearch?.lineBreak(chunk) else { return }
      try begin(lineBreak)
    }
    try scan(chunk)
  }

  /// Scans what was received before the line break was known.
  private mutating func begin(_ lineBreak: UInt8) throws(SelectionError) {
    splitter.lineBreak = lineBreak
    let received = lineBreakSearch?.received ?? []
    lineBreakSearch = nil
    try received.withBytes { bytes throws(SelectionError) in try scan(bytes) }
  }

  private mutating func scan(_ chunk: UnsafeRawBufferPointer) throws(SelectionError) {
    var position = 0
    while true {
      if let previous {
        rows += splitter.skipRows(in: chunk, from: &position) { previous.isPrefix(of: $0) }
      }
      if let titleTypeFilter, titleTypeFilter.canSkip {
        rows += splitter.skipRows(in: chunk, from: &position) { titleTypeFilter.isOtherType($0) }
      }
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
    if let lineBreakSearch { try begin(lineBreakSearch.lineBreakAtEnd) }
    if let bytes = try splitter.last() {
      try bytes.withBytes { row throws(SelectionError) in try take(row) }
    }
    guard dialect != nil else { throw .empty }
    guard selected.isEmpty else { return }
    if let types = titleTypeFilter?.otherTypes, !types.isEmpty, films == 0 {
      throw .noRequestedType(rows: rows, types: types.sorted(), requested: criteria.titleTypes)
    }
    throw .nothingSelected(
      rows: rows, skipped: skipped, firstSkipped: firstSkipped.first, genres: genreFields.sorted(),
      requested: criteria.genres)
  }

  private mutating func take(_ row: UnsafeRawBufferPointer) throws(SelectionError) {
    if let dialect { return takeFilm(row, dialect) }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let header = row.starts(with: byteOrderMark) ? UnsafeRawBufferPointer(rebasing: row.dropFirst(3)) : row
    // Empty lines are skipped, even before the header.
    guard !header.isEmpty else { return }
    let dialect = try Dialect(header: header, chosen: criteria.columns)
    self.dialect = dialect
    if let column = dialect.titleTypeColumn {
      titleTypeFilter = TitleTypeFilter(
        requested: NameList(criteria.titleTypes), dialect: dialect, column: column,
        lineBreak: splitter.lineBreak)
    }
    splitter.quotedSeparator = dialect.isQuoted ? dialect.separator : nil
  }

  private mutating func takeFilm(_ row: UnsafeRawBufferPointer, _ dialect: Dialect) {
    guard !row.isEmpty else { return }
    rows += 1
    // A repeated row that the splitter could not skip, for example one that spans two chunks.
    if let previous, previous.isPrefix(of: row) { return }
    let fields = RowFields(row, dialect)
    if let type = fields.titleType, !isFilm(type, dialect) { return }
    guard let id = fields.id, let genres = fields.genres, fields.count > dialect.lastColumn else {
      return skip("it has only \(fields.count) of \(dialect.columns) fields")
    }
    guard fields.count <= dialect.columns else {
      return skip("it has \(fields.count) fields instead of \(dialect.columns)")
    }
    if dialect.isQuoted, id.first == 0x22 || genres.first == 0x22 {
      let (plainID, plainGenres) = (FieldScanner.unquoted(id), FieldScanner.unquoted(genres))
      plainID.withUnsafeBytes { id in plainGenres.withUnsafeBytes { takeFilm(id: id, genres: $0, dialect) } }
    } else {
      takeFilm(id: id, genres: genres, dialect)
    }
  }

  /// Returns whether a row is about a film, by its title type.
  private mutating func isFilm(_ type: UnsafeRawBufferPointer, _ dialect: Dialect) -> Bool {
    guard dialect.isQuoted, type.first == 0x22 else { return titleTypeFilter?.includes(type) ?? true }
    return FieldScanner.unquoted(type).withUnsafeBytes { titleTypeFilter?.includes($0) ?? true }
  }

  private mutating func takeFilm(
    id: UnsafeRawBufferPointer, genres: UnsafeRawBufferPointer, _ dialect: Dialect
  ) {
    let id = id.trimmed
    guard let number = Self.number(of: id) else {
      return skip(
        "\"\(String(decoding: id.prefix(40), as: UTF8.self).printable)\" is not an IMDb id such as tt0133093")
    }
    if dialect.idColumn == 0 { previous = RowPrefix(id: id, separator: dialect.separator) }
    guard seen.insert(number) else { return }
    if genreFilter.selects(genres, hasPipes: dialect.hasPipesInGenres) {
      selected.append(String(decoding: id, as: UTF8.self))
      selectedGeneros.append(genres)
    } else if selected.isEmpty, genreFields.count < Self.genreFieldsMax, !GenreFilter.isNull(genres.trimmed) {
      let start = UnsafeRawBufferPointer(rebasing: genres.trimmed.prefix(100))
      genreFields.insert(String(textBytes: start).printable)
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
    for index in 2..<id.count {
      let digit = id[index] &- 0x30
      guard digit < 10 else { return nil }
      number = number &* 10 &+ UInt64(digit)
    }
    return UInt64(id.count - 9) << 34 | number
  }
}
