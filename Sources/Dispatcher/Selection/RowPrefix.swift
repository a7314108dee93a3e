/// A film's id and the separator behind it: where the id is the first column, each row of the film begins so.
///
/// Eight bytes are compared at once, because most rows of a source are told by it.
struct RowPrefix {
  private static let wordBytes = 8

  private let first: UInt64
  private let second: UInt64
  /// All bits of the second word's bytes that count.
  private let secondMask: UInt64
  private let count: Int

  /// - Parameter id: of 9 to 12 bytes, as IMDb's are.
  init(id: UnsafeRawBufferPointer, separator: UInt8) {
    let separatorShift = UInt64(8 * (id.count - Self.wordBytes))
    first = Self.firstWord(id)
    second = Self.secondWord(id) | UInt64(separator) << separatorShift
    secondMask = 0xFF << separatorShift | (1 << separatorShift - 1)
    count = id.count + 1
  }

  func begins(_ row: UnsafeRawBufferPointer) -> Bool {
    row.count >= count && Self.firstWord(row) == first && Self.secondWord(row) & secondMask == second
  }

  // Safety: an id, and a row that may begin with one, has more bytes than a word.
  private static func firstWord(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
  }

  /// The bytes behind the first word, zeros for those that are not there.
  private static func secondWord(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    // Safety: bytes.count is known to reach to the second word's end.
    guard bytes.count < 2 * wordBytes else {
      return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: wordBytes, as: UInt64.self))
    }
    var word: UInt64 = 0
    for index in wordBytes..<bytes.count { word |= UInt64(bytes[index]) << UInt64(8 * (index - wordBytes)) }
    return word
  }
}
