import TestSupport
import Testing

@testable import Dispatcher

@Suite("The places of a byte")
struct ByteSearchTests {
  static let lengths = [
    0, 1, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 79, 80, 127, 128, 129, 191, 192, 200, 600,
  ]

  @Test(
    "are found as one would one by one, whatever stands beside, and the rest of them counted",
    arguments: [0, 1, 0x7C, 0x80, 0xFF])
  func places(byte: UInt8) {
    var random = SeededRandom(seed: UInt64(byte))
    // The neighbours of the byte by one bit are what arithmetic on many at once could take for it.
    let near: [UInt8] = [byte, byte &+ 1, byte ^ 0x80, 0]
    for length in Self.lengths {
      // From none to all: what is sought stands at every place, at some, and nowhere.
      for kinds in [near[...0], near[...], near[1...].filter { $0 != byte }[...]] {
        let bytes = (0..<length).map { _ in kinds.randomElement(using: &random) ?? byte }
        let places = bytes.indices.filter { bytes[$0] == byte }
        for taken in Set([0, 1, 2, places.count / 2, places.count]) where taken <= places.count {
          let (found, rest) = withCopy(bytes) { bytes in
            var search = ByteSearch(for: byte, in: bytes)
            let found = (0..<taken).map { _ in search.next() }
            return (found, search.skipRest())
          }
          #expect(found == places.prefix(taken).map(Optional.some), "\(length) bytes")
          #expect(rest == places.count - taken, "\(length) bytes, behind \(taken) places")
        }
      }
    }
  }

  @Test("end with nil, and stay there")
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
