import CBytes

/// Decides which rows of a source with title types are about films.
struct TitleTypeFilter {
  /// Maximum number of rows of other types that are examined, and of types that are kept, for the error that no row
  /// has a requested type.
  private static let examinedRowsMax = 1_000
  private static let typesMax = 30
  private static let blockBytes = 64

  /// The types found in the first rows that have none of the requested ones.
  private(set) var otherTypes: Set<String> = []
  /// Whether rows of other types can be skipped without a look at their type's name.
  private(set) var canSkip = false

  private let requested: NameList
  private let separator: UInt8
  private let lineBreak: UInt8
  private let column: Int
  private var examinedRows = 0

  init(requested: NameList, dialect: Dialect, column: Int, lineBreak: UInt8) {
    self.requested = requested
    self.column = column
    self.lineBreak = lineBreak
    separator = dialect.separator
  }

  /// Returns whether a field contains a requested type.
  mutating func includes(_ type: UnsafeRawBufferPointer) -> Bool {
    if requested.index(of: type) != nil {
      canSkip = true
      return true
    }
    guard !canSkip else { return false }
    examinedRows += 1
    canSkip = examinedRows == Self.examinedRowsMax
    if otherTypes.count < Self.typesMax, !GenreFilter.isNull(type) {
      otherTypes.insert(String(textBytes: UnsafeRawBufferPointer(rebasing: type.prefix(100))).printable)
    }
    return false
  }

  /// Returns whether a row is known to be of another type after a look at its first 64 bytes, the usual case in IMDb's
  /// file. It is if its field is complete within these bytes and contains none of the requested types.
  /// - Parameter bytes: the row, without quoted fields, and what follows it.
  func isOtherType(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= Self.blockBytes, column < Self.blockBytes, let base = bytes.baseAddress else {
      return false
    }
    // Safety: there are at least 64 bytes.
    let block = base.assumingMemoryBound(to: UInt8.self)
    var separators = bytes_equal(block, Self.blockBytes, separator)
    var start = 0
    for _ in 0..<column {
      start = separators.trailingZeroBitCount + 1
      separators &= separators &- 1
    }
    guard separators != 0 else { return false }
    let end = separators.trailingZeroBitCount
    let lineBreaks = bytes_equal(block, Self.blockBytes, lineBreak)
    guard lineBreaks.trailingZeroBitCount > end else { return false }
    return requested.index(of: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) == nil
  }
}
