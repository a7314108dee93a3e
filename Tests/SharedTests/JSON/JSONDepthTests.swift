import Testing

@testable import Shared

@Suite("Nesting of decoded JSON") struct JSONDepthTests {
  /// Arrays and objects by turns, around a number.
  private static func nested(_ levels: Int) -> [UInt8] {
    let open = (0..<levels).map { $0.isMultiple(of: 2) ? "[" : "{\"a\":" }
    let close = (0..<levels).reversed().map { $0.isMultiple(of: 2) ? "]" : "}" }
    return Array((open.joined() + "1" + close.joined()).utf8)
  }

  @Test(
    "64 levels are read, and more are refused before the decoder's stack overflows",
    arguments: [1, 64, 65, 600, 100_000])
  func levels(count: Int) throws {
    let bytes = Self.nested(count)
    guard count > 64 else {
      _ = try JSONValue(parsing: bytes)
      _ = try JSONText.decode(JSONValue.self, from: bytes)
      return
    }
    #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    #expect(throws: JSONError.self) { try JSONText.decode(JSONValue.self, from: bytes) }
  }

  @Test("brackets in strings do not count, after whatever escapes")
  func strings() throws {
    let brackets = String(repeating: "[{", count: 100)
    for text in [brackets, "\\\"" + brackets, "\\\\\\\"" + brackets, "\\u005b" + brackets] {
      let value = try JSONValue(parsing: Array("{\"a\":[\"\(text)\"]}".utf8))
      #expect(value != .null)
    }
    // The string ends before the brackets.
    #expect(throws: JSONError.self) { try JSONValue(parsing: Array("[\"\\\\\",\(brackets)".utf8)) }
  }
}
