import CBytes

/// Finds the positions of a byte in ascending order, comparing 64 bytes at a time.
struct ByteSearch {
  private static let blockBytes = 64

  private let bytes: UnsafeRawBufferPointer
  private let target: UInt8
  /// Offset of the current block.
  private var blockStart = 0
  /// One bit for each match in the current block that `next` has not returned yet.
  private var matches: UInt64 = 0

  init(for byte: UInt8, in bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    target = byte
    matches = matchesInBlock(of: min(Self.blockBytes, bytes.count))
  }

  /// Returns the next position; nil if there are no more.
  mutating func next() -> Int? {
    while matches == 0 { guard nextBlock() else { return nil } }
    defer { matches &= matches &- 1 }
    return blockStart + matches.trailingZeroBitCount
  }

  /// Skips the remaining positions and returns their number.
  mutating func skipRest() -> Int {
    var count = matches.nonzeroBitCount
    while nextBlock() { count += matches.nonzeroBitCount }
    matches = 0
    return count
  }

  private mutating func nextBlock() -> Bool {
    let end = blockStart + Self.blockBytes
    guard end < bytes.count else { return false }
    // The last block ends at the end of the bytes and overlaps the previous block.
    blockStart = min(end, bytes.count - Self.blockBytes)
    matches = matchesInBlock(of: Self.blockBytes) & (UInt64.max << UInt64(end - blockStart))
    return true
  }

  private func matchesInBlock(of count: Int) -> UInt64 {
    guard let base = bytes.baseAddress else { return 0 }
    // Safety: blockStart + count is at most bytes.count. The caller keeps the bytes alive during the search.
    return bytes_equal(base.assumingMemoryBound(to: UInt8.self) + blockStart, count, target)
  }
}
