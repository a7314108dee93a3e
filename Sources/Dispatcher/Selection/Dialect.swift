/// A source's field separator, quoting, and positions of the columns `id` and `genero`, detected from its header line.
struct Dialect: Equatable {
  let separator: UInt8
  /// Whether fields may be quoted as in RFC 4180. With the separators `|` and tab, a quote is an ordinary byte: the
  /// `movies.csv` that Elenco was made for is written that way.
  let isQuoted: Bool
  let idColumn: Int
  let generoColumn: Int
  /// Number of fields in the header.
  let columns: Int

  /// Position of the rightmost of the two columns.
  var lastColumn: Int { max(idColumn, generoColumn) }

  /// The supported separators, `|`, tab, `;` and `,`, in the order in which they are tried.
  private static let separators: [UInt8] = [0x7C, 0x09, 0x3B, 0x2C]

  /// Detects the dialect from a header line without its line break. The separator is the one that yields both columns.
  /// If several separators do, it is the one that yields the most columns.
  /// - Throws: `SelectionError.noColumns` or `.duplicateColumn`.
  init(header: UnsafeRawBufferPointer) throws(SelectionError) {
    var widest: [String] = []
    var best: Dialect?
    for separator in Self.separators {
      let isQuoted = separator == 0x3B || separator == 0x2C
      let names = Self.names(header, separator: separator, isQuoted: isQuoted)
      if names.count > widest.count { widest = names }
      guard let id = names.firstIndex(of: "id"), let genero = names.firstIndex(of: "genero") else { continue }
      for name in ["id", "genero"] where names.filter({ $0 == name }).count > 1 {
        throw .duplicateColumn(name)
      }
      guard names.count > best?.columns ?? 0 else { continue }
      best = Dialect(
        separator: separator, isQuoted: isQuoted, idColumn: id, generoColumn: genero, columns: names.count)
    }
    guard let best else { throw .noColumns(found: Array(widest.prefix(40))) }
    self = best
  }

  private init(separator: UInt8, isQuoted: Bool, idColumn: Int, generoColumn: Int, columns: Int) {
    self.separator = separator
    self.isQuoted = isQuoted
    self.idColumn = idColumn
    self.generoColumn = generoColumn
    self.columns = columns
  }

  private static func names(_ header: UnsafeRawBufferPointer, separator: UInt8, isQuoted: Bool) -> [String] {
    var fields = FieldScanner(header, separator: separator, isQuoted: isQuoted)
    var names: [String] = []
    while let field = fields.next() {
      let text = String(decoding: isQuoted ? FieldScanner.unquoted(field) : Array(field), as: UTF8.self)
      names.append(String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
    }
    return names
  }
}

/// Iterates over the fields of one row.
struct FieldScanner {
  private let row: UnsafeRawBufferPointer
  private let separator: UInt8
  private let isQuoted: Bool
  private var position = 0

  /// - Parameter row: the row without its line break.
  init(_ row: UnsafeRawBufferPointer, separator: UInt8, isQuoted: Bool) {
    self.row = row
    self.separator = separator
    self.isQuoted = isQuoted
  }

  /// Returns the next field, including its quotes; nil after the last field.
  mutating func next() -> UnsafeRawBufferPointer? {
    guard position <= row.count else { return nil }
    let start = position
    if isQuoted, start < row.count, row[start] == 0x22 { position = closingQuoteEnd(from: start + 1) }
    let end = RowBytes.index(of: separator, in: row, from: position) ?? row.count
    position = end + 1
    return UnsafeRawBufferPointer(rebasing: row[start..<end])
  }

  /// Returns a field's bytes without the enclosing quotes, with doubled quotes reduced to one.
  static func unquoted(_ field: UnsafeRawBufferPointer) -> [UInt8] {
    guard field.count >= 2, field.first == 0x22, field.last == 0x22 else { return Array(field) }
    var bytes: [UInt8] = []
    var index = 1
    while index < field.count - 1 {
      bytes.append(field[index])
      index += field[index] == 0x22 && index + 1 < field.count - 1 && field[index + 1] == 0x22 ? 2 : 1
    }
    return bytes
  }

  /// Returns the offset after the closing quote, or the end of the row if there is no closing quote.
  private func closingQuoteEnd(from start: Int) -> Int {
    var index = start
    while let quote = RowBytes.index(of: 0x22, in: row, from: index) {
      guard quote + 1 < row.count, row[quote + 1] == 0x22 else { return quote + 1 }
      index = quote + 2
    }
    return row.count
  }
}
