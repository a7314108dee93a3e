import Testing

@testable import Dispatcher

@Suite("Row prefix")
struct RowPrefixTests {
  @Test("the word-wise comparison agrees with a byte-wise one", arguments: [9, 10, 11, 12])
  func begins(idLength: Int) {
    let id = Array("tt1234567890".utf8.prefix(idLength))
    let prefix = withCopy(id) { RowPrefix(id: $0, separator: 0x7C) }
    let whole = id + Array("|Drama|and more than two words".utf8)
    for length in 0...whole.count {
      let row = Array(whole.prefix(length))
      #expect(withCopy(row, prefix.isPrefix(of:)) == row.starts(with: id + [0x7C]), "\(length) bytes")
      for position in row.indices {
        for byte in [row[position] ^ 1, row[position] ^ 0x80, 0, 0xFF] where byte != row[position] {
          var changed = row
          changed[position] = byte
          #expect(
            withCopy(changed, prefix.isPrefix(of:)) == changed.starts(with: id + [0x7C]),
            "changed at \(position)")
        }
      }
    }
  }
}
