import TestSupport
import Testing

@testable import Dispatcher

@Suite("Name list")
struct NameListTests {
  private func index(_ names: NameList, _ field: String) -> Int? {
    withCopy(Array(field.utf8)) { names.index(of: $0) }
  }

  @Test("names of any length are told from names that differ in one character, whatever their case")
  func ascii() {
    for length in 1...40 {
      let name = String("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz".prefix(length))
      let names = NameList(["other", name])
      #expect(names.names == ["other", name])
      #expect(
        index(names, name) == 1 && index(names, name.uppercased()) == 1 && index(names, " \(name)\t ") == 1)
      #expect(index(names, name + "a") == nil && index(names, String(name.dropLast())) == nil)
      let bytes = Array(name.utf8)
      for position in bytes.indices {
        for bit in 0..<8 where bit != 5 {
          var changed = bytes
          changed[position] ^= 1 << UInt8(bit)
          #expect(
            withCopy(changed) { names.index(of: $0) } == nil, "\(length) bytes, \(position), bit \(bit)")
        }
      }
    }
  }

  @Test("only letters have a case")
  func signs() {
    for byte in UInt8(0x21)...0x7E {
      let character = Character(Unicode.Scalar(byte))
      let names = NameList([String(character)])
      for other in UInt8(0x21)...0x7E {
        let text = String(Character(Unicode.Scalar(other)))
        #expect(
          (index(names, text) == 0) == (text.lowercased() == character.lowercased()), "\(character) \(text)")
      }
    }
  }

  @Test(
    "accented names are found regardless of case and of how the accent is stored",
    arguments: ["Ação", "AÇÃO", "ac\u{327}a\u{303}o", " ação "])
  func accents(field: String) {
    #expect(index(NameList(["Drama", "ação"]), field) == 1)
    #expect(index(NameList(["Drama", "acao"]), field) == nil)
  }

  @Test("a name that is given twice, in whatever case, counts once")
  func distinct() {
    #expect(NameList(["Drama", "drama ", "ação", "AÇÃO", "War"]).names == ["Drama", "War", "ação"])
  }
}
