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
