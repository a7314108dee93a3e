/// A film's id followed by the separator: the prefix of all rows of the film if the id is the first column.
///
/// It is compared eight bytes at a time, because most rows of a source need no other check.
struct RowPrefix {
  private static let wordBytes = 8

  private let first: UInt64
  private let second: UInt64
  /// Selects the bytes of the second word that belong to the prefix.
  private let secondMask: UInt64
  private let count: Int

  /// - Parameter id: an IMDb id of 9 to 12 bytes.
  init(id: UnsafeRawBufferPointer, separator: UInt8) {
    let separatorShift = UInt64(8 * (id.count - Self.wordBytes))
    first = Self.firstWord(id)
    second = Self.secondWord(id) | UInt64(separator) << separatorShift
    secondMask = 0xFF << separatorShift | (1 << separatorShift - 1)
    count = id.count + 1
  }

  /// Returns whether a row starts with the prefix.
  @inline(__always)
  func isPrefix(of row: UnsafeRawBufferPointer) -> Bool {
    row.count >= count && Self.firstWord(row) == first && Self.secondWord(row) & secondMask == second
  }

  // Safety: an id has at least 9 bytes, and a row is only read if it is at least as long as the prefix.
  @inline(__always)
  private static func firstWord(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
  }

  /// The bytes after the first word, padded with zeros.
  @inline(__always)
  private static func secondWord(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    // Safety: if the guard fails, there are at least 16 bytes, so the second word lies within them.
    guard bytes.count < 2 * wordBytes else {
      return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: wordBytes, as: UInt64.self))
    }
    var word: UInt64 = 0
    for index in wordBytes..<bytes.count { word |= UInt64(bytes[index]) << UInt64(8 * (index - wordBytes)) }
    return word
  }
}
