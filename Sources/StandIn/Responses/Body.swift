/// The bytes of one answer, in memory from malloc so that the HTTP library can take them over.
import Glibc

struct Body: ~Copyable {
  private(set) var count = 0
  private var capacity: Int
  private var start: UnsafeMutablePointer<UInt8>

  /// - Parameter capacity: the room to begin with; it grows.
  init(capacity: Int) {
    self.capacity = max(capacity, 64)
    start = Body.allocate(self.capacity)
  }

  deinit { free(start) }

  /// Hands the memory over; whoever takes it frees it.
  consuming func release() -> UnsafeMutableBufferPointer<UInt8> {
    let bytes = UnsafeMutableBufferPointer(start: start, count: count)
    discard self
    return bytes
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    reserve(bytes.count)
    if let source = bytes.baseAddress { memcpy(start + count, source, bytes.count) }
    count += bytes.count
  }

  mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(decimal number: Int) {
    var digits = String(number)
    digits.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  mutating func append(byte: UInt8) {
    reserve(1)
    start[count] = byte
    count += 1
  }

  /// Appends the low bytes of a number, least significant first.
  mutating func append(littleEndian number: UInt, bytes: Int) {
    for index in 0..<bytes { append(byte: UInt8(truncatingIfNeeded: number >> (8 * UInt(index)))) }
  }

  mutating func overwrite(at offset: Int, littleEndian number: UInt16) {
    precondition(offset >= 0 && offset + 2 <= count)
    start[offset] = UInt8(truncatingIfNeeded: number)
    start[offset + 1] = UInt8(truncatingIfNeeded: number >> 8)
  }

  /// The bytes from an offset to the end.
  func suffix(from offset: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: start + offset, count: count - offset)
  }

  private mutating func reserve(_ more: Int) {
    guard count + more > capacity else { return }
    capacity = max(capacity * 2, count + more)
    let larger = Body.allocate(capacity)
    memcpy(larger, start, count)
    free(start)
    start = larger
  }

  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<UInt8> {
    guard let memory = malloc(capacity) else { fatalError("no memory for an answer of \(capacity) bytes") }
    return memory.assumingMemoryBound(to: UInt8.self)
  }
}
