import Testing

@testable import Dispatcher

@Suite("How a film's rows begin")
struct RowPrefixTests {
  @Test("is told as by comparing byte after byte", arguments: [9, 10, 11, 12])
  func begins(idLength: Int) {
    let id = Array("tt1234567890".utf8.prefix(idLength))
    let start = withCopy(id) { RowPrefix(id: $0, separator: 0x7C) }
    let whole = id + Array("|Drama|and more than two words".utf8)
    for length in 0...whole.count {
      let row = Array(whole.prefix(length))
      #expect(withCopy(row, start.begins) == row.starts(with: id + [0x7C]), "\(length) bytes")
      for place in row.indices {
        for other in [row[place] ^ 1, row[place] ^ 0x80, 0, 0xFF] where other != row[place] {
          var changed = row
          changed[place] = other
          #expect(withCopy(changed, start.begins) == changed.starts(with: id + [0x7C]), "changed at \(place)")
        }
      }
    }
  }
}
