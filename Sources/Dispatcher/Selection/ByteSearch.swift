import CBytes

/// Finds the places of a byte one after another, 64 bytes looked at together.
struct ByteSearch {
  private static let blockBytes = 64

  private let bytes: UnsafeRawBufferPointer
  private let sought: UInt8
  /// Where the block begins that was looked at last.
  private var block = 0
  /// A bit for each place in it that is still to come.
  private var places: UInt64 = 0

  init(for byte: UInt8, in bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    sought = byte
    places = placesInBlock(of: min(Self.blockBytes, bytes.count))
  }

  /// The next place; nil when there is none any more.
  mutating func next() -> Int? {
    while places == 0 { guard nextBlock() else { return nil } }
    defer { places &= places &- 1 }
    return block + places.trailingZeroBitCount
  }

  /// Passes over the places that are left: how many they are.
  mutating func skipRest() -> Int {
    var count = places.nonzeroBitCount
    while nextBlock() { count += places.nonzeroBitCount }
    places = 0
    return count
  }

  private mutating func nextBlock() -> Bool {
    let end = block + Self.blockBytes
    guard end < bytes.count else { return false }
    // The last block ends where the bytes end, and overlaps the one before it.
    block = min(end, bytes.count - Self.blockBytes)
    places = placesInBlock(of: Self.blockBytes) & (UInt64.max << UInt64(end - block))
    return true
  }

  private func placesInBlock(of count: Int) -> UInt64 {
    guard let base = bytes.baseAddress else { return 0 }
    // Safety: block + count is at most bytes.count, and the bytes outlive the search as they do their caller's use.
    return bytes_equal(base.assumingMemoryBound(to: UInt8.self) + block, count, sought)
  }
}
