/// Divides bytes that come in chunks of any size into rows. A row that lies in one chunk stays where it is; only one
/// that a chunk's end cuts is put together.
struct RowSplitter {
  /// A row's bytes. A longer one is no row of films.
  static let rowBytesMax = 1 << 20

  /// A row without its line break, which may be LF or CR LF.
  enum Row {
    case inChunk(Range<Int>)
    case joined([UInt8])
  }

  /// Where RFC 4180 is in a field. A quote opens one only at its beginning, and closes it unless it is doubled.
  private enum Place {
    case fieldStart
    case plain
    case quoted
    case behindQuote
  }

  /// The separator of fields, where line breaks inside quotes belong to a field; nil where a quote is a plain byte.
  var quotedSeparator: UInt8?
  /// Rows handed over so far, the header being the first.
  private(set) var rows = 0
  private var place = Place.fieldStart
  /// The beginning of a row that the last chunk's end cut.
  private var cut: [UInt8] = []

  /// The next row that ends in the chunk.
  /// - Parameter position: where to go on in the chunk; moved behind the row, and to the chunk's end when nil comes.
  mutating func next(in chunk: UnsafeRawBufferPointer, from position: inout Int) throws(SelectionError)
    -> Row?
  {
    let start = position
    let end = endOfRow(chunk, from: start)
    guard cut.count + (end ?? chunk.count) - start <= Self.rowBytesMax else {
      throw .rowTooLong(row: rows + 1, bytesMax: Self.rowBytesMax)
    }
    guard let end else {
      cut.append(contentsOf: chunk[start...])
      position = chunk.count
      return nil
    }
    position = end + 1
    rows += 1
    place = .fieldStart
    guard cut.isEmpty else {
      cut.append(contentsOf: chunk[start..<end])
      defer { cut = [] }
      return .joined(Self.withoutReturn(cut))
    }
    return .inChunk(start..<(end > start && chunk[end - 1] == 0x0D ? end - 1 : end))
  }

  /// Passes over the rows from here on that begin as given and end in the chunk.
  /// - Parameter position: moved behind the last of them.
  /// - Returns: how many they are.
  mutating func skipRows(
    beginning start: RowPrefix, in chunk: UnsafeRawBufferPointer, from position: inout Int
  ) -> Int {
    // A quoted field may hold line breaks: those rows' ends are found by next() alone.
    guard quotedSeparator == nil, cut.isEmpty else { return 0 }
    let before = rows
    while start.begins(UnsafeRawBufferPointer(rebasing: chunk[position...])),
      let end = RowBytes.index(of: 0x0A, in: chunk, from: position), end - position <= Self.rowBytesMax
    {
      rows += 1
      position = end + 1
    }
    return rows - before
  }

  /// What stands behind the last line break; nil when nothing does.
  mutating func last() throws(SelectionError) -> [UInt8]? {
    guard place != .quoted else { throw .unclosedQuote(row: rows + 1) }
    guard !cut.isEmpty else { return nil }
    rows += 1
    defer { cut = [] }
    return Self.withoutReturn(cut)
  }

  private static func withoutReturn(_ row: [UInt8]) -> [UInt8] { row.last == 0x0D ? row.dropLast() : row }

  private mutating func endOfRow(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let quotedSeparator else { return RowBytes.index(of: 0x0A, in: bytes, from: start) }
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      switch (place, byte) {
      case (.quoted, 0x22): place = .behindQuote
      case (.quoted, _): break
      case (_, 0x0A): return index
      case (.fieldStart, 0x22), (.behindQuote, 0x22): place = .quoted
      case (_, quotedSeparator): place = .fieldStart
      default: place = .plain
      }
      index += 1
    }
    return nil
  }
}
