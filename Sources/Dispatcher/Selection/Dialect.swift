/// How a source's rows are divided into fields, as its header line shows, and where the two columns stand.
struct Dialect: Equatable {
  let separator: UInt8
  /// Whether fields are quoted by RFC 4180. With `|` and tab a quote is a plain byte, as in the file of the course.
  let isQuoted: Bool
  let idColumn: Int
  let generoColumn: Int
  /// Fields of the header.
  let columns: Int

  /// The later of the two columns.
  var lastColumn: Int { max(idColumn, generoColumn) }

  /// Separators in the order in which they are tried.
  private static let separators: [UInt8] = [0x7C, 0x09, 0x3B, 0x2C]

  /// Reads a header line, without its line break. The separator is the one that shows both columns; where several do,
  /// the one that shows most columns.
  init(header: UnsafeRawBufferPointer) throws(SelectionError) {
    var widest: [String] = []
    var best: Dialect?
    for separator in Self.separators {
      let isQuoted = separator == 0x3B || separator == 0x2C
      let names = Self.names(header, separator: separator, isQuoted: isQuoted)
      if names.count > widest.count { widest = names }
      guard let id = names.firstIndex(of: "id"), let genero = names.firstIndex(of: "genero") else { continue }
      for name in ["id", "genero"] where names.filter({ $0 == name }).count > 1 { throw .columnTwice(name) }
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

/// Walks over the fields of one row.
struct FieldScanner {
  private let row: UnsafeRawBufferPointer
  private let separator: UInt8
  private let isQuoted: Bool
  private var position = 0

  /// - Parameter row: without its line break.
  init(_ row: UnsafeRawBufferPointer, separator: UInt8, isQuoted: Bool) {
    self.row = row
    self.separator = separator
    self.isQuoted = isQuoted
  }

  /// The next field, its quotes included; nil behind the last.
  mutating func next() -> UnsafeRawBufferPointer? {
    guard position <= row.count else { return nil }
    let start = position
    if isQuoted, start < row.count, row[start] == 0x22 { position = endOfQuotes(from: start + 1) }
    let end = RowBytes.index(of: separator, in: row, from: position) ?? row.count
    position = end + 1
    return UnsafeRawBufferPointer(rebasing: row[start..<end])
  }

  /// A field's bytes without the quotes around them, doubled ones within made single.
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

  private func endOfQuotes(from start: Int) -> Int {
    var index = start
    while let quote = RowBytes.index(of: 0x22, in: row, from: index) {
      guard quote + 1 < row.count, row[quote + 1] == 0x22 else { return quote + 1 }
      index = quote + 2
    }
    return row.count
  }
}
