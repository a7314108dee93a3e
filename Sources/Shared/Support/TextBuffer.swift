/// Builds text as bytes, in memory that is reused for the next text. With an array instead, a signature takes a third
/// longer.
///
/// Safety: every write goes through `append(upTo:_:)`, which makes room first. Ranges are checked against `count`, and
/// no pointer is valid outside the closure that receives it.
struct TextBuffer: ~Copyable {
  private var start: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  /// - Parameter capacity: initial capacity in bytes. The buffer grows for a longer text.
  init(capacity: Int) {
    start = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { start.deallocate() }

  /// The text, copied to a string.
  var string: String { withBytes { String(decoding: $0, as: UTF8.self) } }

  /// Removes the text and keeps the memory.
  mutating func removeAll() { count = 0 }

  mutating func removeLast() {
    precondition(count > 0)
    count -= 1
  }

  mutating func append(_ byte: UInt8) {
    append(upTo: 1) {
      $0[0] = byte
      return 1
    }
  }

  mutating func append(_ text: String) {
    text.withBytes { append($0) }
  }

  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    append(upTo: bytes.count) { $0.initialize(fromContentsOf: bytes) }
  }

  /// Appends a part of another buffer's text.
  mutating func append(_ other: borrowing TextBuffer, _ part: Range<Int>) {
    precondition(part.upperBound <= other.count)
    other.withBytes { append(UnsafeBufferPointer(rebasing: $0[part])) }
  }

  /// Appends a text with its ASCII letters in lowercase.
  mutating func append(lowercased text: String) {
    text.withBytes { bytes in
      append(upTo: bytes.count) { buffer in
        for (index, byte) in bytes.enumerated() { buffer[index] = byte &- 65 < 26 ? byte + 32 : byte }
        return bytes.count
      }
    }
  }

  /// Appends the bytes that `write` puts into the memory that it receives.
  /// - Parameters:
  ///   - bytesMax: the size of that memory in bytes.
  ///   - write: fills the memory from its start and returns the number of bytes written.
  mutating func append(upTo bytesMax: Int, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
    if capacity - count < bytesMax { grow(by: bytesMax) }
    count += write(UnsafeMutableBufferPointer(start: start + count, count: bytesMax))
  }

  /// Calls `body` with the bytes of the text. The pointer is valid only during the call.
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    body(UnsafeBufferPointer(start: start, count: count))
  }

  /// Compares two parts of the text byte by byte: negative if `left` sorts before `right`, zero if they are equal.
  func compare(_ left: Range<Int>, _ right: Range<Int>) -> Int {
    precondition(left.upperBound <= count && right.upperBound <= count)
    return withBytes { bytes in
      for (left, right) in zip(bytes[left], bytes[right]) where left != right { return left < right ? -1 : 1 }
      return left.count - right.count
    }
  }

  /// Kept out of line so that appending stays short enough to be inlined.
  @inline(never)
  private mutating func grow(by bytes: Int) {
    capacity = max(2 * capacity, count + bytes)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: start, count: count)
    start.deallocate()
    start = larger
  }
}
