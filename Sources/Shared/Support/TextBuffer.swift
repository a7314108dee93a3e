/// Text under construction, as bytes, in memory that is kept for the text after it. With an array in its place a
/// signature takes a third longer.
///
/// Safety: whatever is written goes through `append(upTo:_:)`, which makes room first; ranges are checked against
/// `count`, and no pointer outlives the closure that it is given to.
struct TextBuffer: ~Copyable {
  private var start: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  /// - Parameter capacity: in bytes. A longer text gets more.
  init(capacity: Int) {
    start = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { start.deallocate() }

  /// A copy of the text.
  var string: String { withBytes { String(decoding: $0, as: UTF8.self) } }

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

  /// Appends a part of another text.
  mutating func append(_ other: borrowing TextBuffer, _ part: Range<Int>) {
    precondition(part.upperBound <= other.count)
    other.withBytes { append(UnsafeBufferPointer(rebasing: $0[part])) }
  }

  /// Appends a text with ASCII's capital letters made small.
  mutating func append(lowercased text: String) {
    text.withBytes { bytes in
      append(upTo: bytes.count) { room in
        for (index, byte) in bytes.enumerated() { room[index] = byte &- 65 < 26 ? byte + 32 : byte }
        return bytes.count
      }
    }
  }

  /// Appends what `write` puts into the room that it is given.
  /// - Parameters:
  ///   - room: in bytes.
  ///   - write: returns how many it wrote, from the first on.
  mutating func append(upTo room: Int, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
    if capacity - count < room { grow(by: room) }
    count += write(UnsafeMutableBufferPointer(start: start + count, count: room))
  }

  /// Calls `body` with the text, to be read while the call lasts.
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    body(UnsafeBufferPointer(start: start, count: count))
  }

  /// Negative where the part at `left` comes before the one at `right`, zero where they are equal.
  func compare(_ left: Range<Int>, _ right: Range<Int>) -> Int {
    precondition(left.upperBound <= count && right.upperBound <= count)
    return withBytes { bytes in
      for (left, right) in zip(bytes[left], bytes[right]) where left != right { return left < right ? -1 : 1 }
      return left.count - right.count
    }
  }

  /// Apart, so that appending stays short enough to be inlined.
  @inline(never)
  private mutating func grow(by room: Int) {
    capacity = max(2 * capacity, count + room)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: start, count: count)
    start.deallocate()
    start = larger
  }
}
