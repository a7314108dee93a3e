/// The fields of a row that the scan needs, including their quotes, and the row's number of fields.
struct RowFields {
  /// A column that no source has.
  private static let noColumn = -1

  /// Nil if the row has too few fields.
  private(set) var id: UnsafeRawBufferPointer?
  /// Nil if the row has too few fields.
  private(set) var genres: UnsafeRawBufferPointer?
  /// Nil if the row has too few fields, and if the source has no column of title types.
  private(set) var titleType: UnsafeRawBufferPointer?
  private(set) var count = 0

  /// - Parameter row: the row without its line break.
  init(_ row: UnsafeRawBufferPointer, _ dialect: Dialect) {
    if dialect.isQuoted { scanQuoted(row, dialect) } else { scanPlain(row, dialect) }
  }

  private mutating func scanPlain(_ row: UnsafeRawBufferPointer, _ dialect: Dialect) {
    var separators = ByteSearch(for: dialect.separator, in: row)
    let titleTypeColumn = dialect.titleTypeColumn ?? Self.noColumn
    // Local, because this loop is a large part of the scan.
    var (column, start) = (0, 0)
    while column <= dialect.lastColumn {
      let separator = separators.next()
      let end = separator ?? row.count
      if column == dialect.idColumn {
        id = UnsafeRawBufferPointer(rebasing: row[start..<end])
      } else if column == dialect.genresColumn {
        genres = UnsafeRawBufferPointer(rebasing: row[start..<end])
      } else if column == titleTypeColumn {
        titleType = UnsafeRawBufferPointer(rebasing: row[start..<end])
      }
      column += 1
      guard let separator else {
        count = column
        return
      }
      start = separator + 1
    }
    count = column + separators.skipRest() + 1
  }

  private mutating func scanQuoted(_ row: UnsafeRawBufferPointer, _ dialect: Dialect) {
    var fields = FieldScanner(row, separator: dialect.separator, isQuoted: true)
    while let field = fields.next() {
      if count == dialect.idColumn { id = field }
      if count == dialect.genresColumn { genres = field }
      if count == dialect.titleTypeColumn { titleType = field }
      count += 1
    }
  }
}
