import TestSupport
import Testing

@testable import Dispatcher

@Suite("Byte search")
struct ByteSearchTests {
  static let lengths = [
    0, 1, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 79, 80, 127, 128, 129, 191, 192, 200, 600,
  ]

  @Test(
    "every position of the byte is found, whatever its neighbours, and the remaining ones are counted",
    arguments: [0, 1, 0x7C, 0x80, 0xFF])
  func positions(byte: UInt8) {
    var random = SeededRandom(seed: UInt64(byte))
    // Bytes that differ by one bit or by one: word-wise arithmetic could mistake them for the byte.
    let near: [UInt8] = [byte, byte &+ 1, byte ^ 0x80, 0]
    for length in Self.lengths {
      // The byte occurs at every position, at some, and at none.
      for kinds in [near[...0], near[...], near[1...].filter { $0 != byte }[...]] {
        let bytes = (0..<length).map { _ in kinds.randomElement(using: &random) ?? byte }
        let positions = bytes.indices.filter { bytes[$0] == byte }
        for taken in Set([0, 1, 2, positions.count / 2, positions.count])
        where taken <= positions.count {
          let (found, rest) = withCopy(bytes) { bytes in
            var search = ByteSearch(for: byte, in: bytes)
            let found = (0..<taken).map { _ in search.next() }
            return (found, search.skipRest())
          }
          #expect(found == positions.prefix(taken).map(Optional.some), "\(length) bytes")
          #expect(rest == positions.count - taken, "\(length) bytes, after \(taken) positions")
        }
      }
    }
  }

  @Test("after the last position, next returns nil, and keeps returning nil")
  func end() {
    for length in Self.lengths {
      let found: [Int?] = withCopy([UInt8](repeating: 1, count: length) + [2]) { bytes in
        var search = ByteSearch(for: 2, in: bytes)
        return [search.next(), search.next(), search.next()]
      }
      #expect(found == [length, nil, nil])
    }
  }
}
