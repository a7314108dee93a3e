import Glibc

/// Searches in a row's bytes, many at once.
enum RowBytes {
  @inline(__always)
  static func index(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress,
      let found = memchr(base + start, Int32(byte), bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// How often a byte occurs, eight bytes looked at together: a byte of a word is zero where it is the one that is
  /// sought, and arithmetic on all eight marks it (Hacker's Delight, section 6-1).
  static func count(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    let (ones, lows): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x7F7F_7F7F_7F7F_7F7F)
    let sought = ones &* UInt64(byte)
    var (position, total) = (start, 0)
    while position + 8 <= bytes.count {
      // A count in each byte of the word; so few at a time that their sum is a byte as well.
      var counts: UInt64 = 0
      let end = min(bytes.count, position + 8 * 31)
      while position + 8 <= end {
        let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) ^ sought
        counts &+= ~(((word & lows) &+ lows) | word | lows) >> 7
        position += 8
      }
      total += Int((counts &* ones) >> 56)
    }
    while position < bytes.count {
      total += bytes[position] == byte ? 1 : 0
      position += 1
    }
    return total
  }

  @inline(__always)
  static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return left.isEmpty }
    return memcmp(leftBase, rightBase, left.count) == 0
  }
}

extension [UInt8] {
  /// `withUnsafeBytes`, keeping the type of what `body` throws.
  func withBytes<Value, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try withUnsafeBufferPointer { bytes throws(Failure) in try body(UnsafeRawBufferPointer(bytes)) }
  }
}
