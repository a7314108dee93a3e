/// The two fields of a row that the scan needs, including their quotes, and the row's number of fields.
struct RowFields {
  /// Nil if the row has too few fields.
  private(set) var id: UnsafeRawBufferPointer?
  /// Nil if the row has too few fields.
  private(set) var genero: UnsafeRawBufferPointer?
  private(set) var count = 0

  /// - Parameter row: the row without its line break.
  init(_ row: UnsafeRawBufferPointer, _ dialect: Dialect) {
    if dialect.isQuoted { scanQuoted(row, dialect) } else { scanPlain(row, dialect) }
  }

  private mutating func scanPlain(_ row: UnsafeRawBufferPointer, _ dialect: Dialect) {
    var separators = ByteSearch(for: dialect.separator, in: row)
    var start = 0
    while count <= dialect.lastColumn {
      let separator = separators.next()
      take(UnsafeRawBufferPointer(rebasing: row[start..<(separator ?? row.count)]), dialect)
      guard let separator else { return }
      start = separator + 1
    }
    count += separators.skipRest() + 1
  }

  private mutating func scanQuoted(_ row: UnsafeRawBufferPointer, _ dialect: Dialect) {
    var fields = FieldScanner(row, separator: dialect.separator, isQuoted: true)
    while let field = fields.next() { take(field, dialect) }
  }

  private mutating func take(_ field: UnsafeRawBufferPointer, _ dialect: Dialect) {
    if count == dialect.idColumn { id = field }
    if count == dialect.generoColumn { genero = field }
    count += 1
  }
}
