import Testing

@testable import Shared

@Suite("Text buffer") struct TextBufferTests {
  @Test(
    "the buffer grows with its text, and after removeAll contains only the next text",
    arguments: [0, 1, 7, 64])
  func growth(capacity: Int) {
    var buffer = TextBuffer(capacity: capacity)
    for pieces in [1, 100, 3] {
      var expected = ""
      buffer.removeAll()
      for piece in 0..<pieces {
        // The first text fits into a String's inline storage; the second soon needs heap memory.
        for text in ["Ä\(piece)", String(repeating: "é", count: piece), ""] {
          buffer.append(text)
          buffer.append(UInt8(ascii: ";"))
          buffer.append(lowercased: "[\(text)Z@")
          expected += "\(text);[\(text)z@"
        }
      }
      let (text, count) = (buffer.string, buffer.count)
      #expect(text == expected)
      #expect(count == expected.utf8.count)
    }
  }

  @Test(
    "ranges are compared byte by byte, and a prefix sorts before a longer text",
    arguments: [
      ("a", "a", 0), ("a", "ab", -1), ("ab", "a", 1), ("", "a", -1), ("a-b", "aa", -1), ("é", "z", 1),
    ])
  func comparison(left: String, right: String, expected: Int) {
    var buffer = TextBuffer(capacity: 4)
    buffer.append(left)
    let middle = buffer.count
    buffer.append(right)
    let order = buffer.compare(0..<middle, middle..<buffer.count)
    #expect(order.signum() == expected)
  }
}
