/// Splits bytes that arrive in chunks of any size into rows. Only a row that spans chunks is copied.
struct RowSplitter {
  /// Maximum number of bytes in a row. A longer row means that the file is not a movies file.
  static let rowBytesMax = 1 << 20

  /// A row without its line break, which is LF, CR LF or CR: a range of the current chunk, or a copy of a row that spans
  /// chunks.
  enum Row {
    case inChunk(Range<Int>)
    case joined([UInt8])
  }

  /// State of the RFC 4180 parser. A quote opens a quoted field only at the start of the field, and closes it unless it
  /// is doubled.
  private enum QuoteState {
    case fieldStart
    case plain
    case quoted
    case afterQuote
  }

  /// The field separator if fields may be quoted, so that line breaks inside quotes belong to the field; nil if a quote
  /// is an ordinary byte.
  var quotedSeparator: UInt8?
  /// The byte that ends a row: LF, before which a CR is dropped, or CR.
  var lineBreak = LineBreakSearch.lf
  /// Number of rows returned so far, including the header.
  private(set) var rows = 0
  private var state = QuoteState.fieldStart
  /// The start of a row that continues in the next chunk.
  private var partialRow: [UInt8] = []

  /// Returns the next row that ends in the chunk; nil if no further row ends there.
  /// - Parameter position: the offset to continue from. It is moved past the row, or to the end of the chunk for nil.
  /// - Throws: `SelectionError.rowTooLong`.
  mutating func next(in chunk: UnsafeRawBufferPointer, from position: inout Int) throws(SelectionError)
    -> Row?
  {
    let start = position
    let end = endOfRow(chunk, from: start)
    guard partialRow.count + (end ?? chunk.count) - start <= Self.rowBytesMax else {
      throw .rowTooLong(row: rows + 1, bytesMax: Self.rowBytesMax)
    }
    guard let end else {
      partialRow.append(contentsOf: chunk[start...])
      position = chunk.count
      return nil
    }
    position = end + 1
    rows += 1
    state = .fieldStart
    guard partialRow.isEmpty else {
      partialRow.append(contentsOf: chunk[start..<end])
      defer { partialRow = [] }
      return .joined(Self.withoutCarriageReturn(partialRow))
    }
    return .inChunk(start..<(end > start && chunk[end - 1] == 0x0D ? end - 1 : end))
  }

  /// Skips consecutive rows that end in the chunk, as long as `isSkipped` returns true for a row.
  /// - Parameters:
  ///   - position: the offset to continue from. It is moved past the last skipped row.
  ///   - isSkipped: receives the chunk's bytes from the start of the row.
  /// - Returns: the number of skipped rows.
  @inline(__always)
  mutating func skipRows(
    in chunk: UnsafeRawBufferPointer, from position: inout Int,
    while isSkipped: (UnsafeRawBufferPointer) -> Bool
  ) -> Int {
    // A quoted field may contain line breaks, and only next() finds the ends of such rows.
    guard quotedSeparator == nil, partialRow.isEmpty else { return 0 }
    let before = rows
    while isSkipped(UnsafeRawBufferPointer(rebasing: chunk[position...])),
      let end = RowBytes.index(of: lineBreak, in: chunk, from: position), end - position <= Self.rowBytesMax
    {
      rows += 1
      position = end + 1
    }
    return rows - before
  }

  /// Returns the row after the last line break; nil if the input ends with a line break.
  /// - Throws: `SelectionError.unclosedQuote`.
  mutating func last() throws(SelectionError) -> [UInt8]? {
    guard state != .quoted else { throw .unclosedQuote(row: rows + 1) }
    guard !partialRow.isEmpty else { return nil }
    rows += 1
    defer { partialRow = [] }
    return Self.withoutCarriageReturn(partialRow)
  }

  private static func withoutCarriageReturn(_ row: [UInt8]) -> [UInt8] {
    row.last == 0x0D ? row.dropLast() : row
  }

  private mutating func endOfRow(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let quotedSeparator else { return RowBytes.index(of: lineBreak, in: bytes, from: start) }
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      switch (state, byte) {
      case (.quoted, 0x22): state = .afterQuote
      case (.quoted, _): break
      case (_, lineBreak): return index
      case (.fieldStart, 0x22), (.afterQuote, 0x22): state = .quoted
      case (_, quotedSeparator): state = .fieldStart
      default: state = .plain
      }
      index += 1
    }
    return nil
  }
}
