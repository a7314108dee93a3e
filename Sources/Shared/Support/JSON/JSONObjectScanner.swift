/// Iterates over the members of a JSON text that is one object, and checks the whole text while doing so.
package struct JSONObjectScanner {
  private let bytes: UnsafeRawBufferPointer
  private var scanner: JSONScanner
  private var isFirst = true
  /// The position after the last member's colon.
  private var colonEnd = 0

  /// - Parameter bytes: the whole text; white space around the object is allowed. The caller keeps it alive.
  /// - Throws: `JSONError` if the text does not start with an object.
  package init(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
    self.bytes = bytes
    scanner = JSONScanner(bytes)
    scanner.skipSpace()
    try scanner.expect(UInt8(ascii: "{"), "an object")
  }

  /// Advances past the next member's name and colon. The caller must then skip the value.
  /// - Returns: the range of the name without its quotes; nil after the last member, if the rest of the text is valid.
  package mutating func nextKey() throws(JSONError) -> Range<Int>? {
    scanner.skipSpace()
    if isFirst {
      isFirst = false
      if scanner.take(UInt8(ascii: "}")) { return try end() }
    } else if scanner.take(UInt8(ascii: ",")) {
      scanner.skipSpace()
    } else {
      try scanner.expect(UInt8(ascii: "}"), "a comma or a closing brace")
      return try end()
    }
    let key = try scanner.skipString()
    scanner.skipSpace()
    try scanner.expect(UInt8(ascii: ":"), "a colon")
    colonEnd = scanner.position
    scanner.skipSpace()
    return key
  }

  /// Advances past the next value.
  /// - Returns: the range of the value.
  package mutating func skipValue() throws(JSONError) -> Range<Int> {
    let start = scanner.position
    try scanner.skipValue()
    return start..<scanner.position
  }

  /// Advances past the next value and the white space after it.
  /// - Returns: the range between the colon and the next comma or brace: the value with the white space around it.
  package mutating func skipValueWithSpace() throws(JSONError) -> Range<Int> {
    let start = colonEnd
    try scanner.skipValue()
    scanner.skipSpace()
    return start..<scanner.position
  }

  /// Whether a member's name equals `name` after its escapes are decoded: `"\u0069d"` equals `id`.
  package func isKey(_ key: Range<Int>, _ name: StaticString) -> Bool {
    JSONString.equals(UnsafeRawBufferPointer(rebasing: bytes[key]), name)
  }

  private mutating func end() throws(JSONError) -> Range<Int>? {
    try scanner.finish()
    return nil
  }
}

/// Decodes the contents of a JSON string that has already been checked.
package enum JSONString {
  /// Whether the decoded string equals `text`, which must be ASCII.
  package static func equals(_ raw: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    if !raw.contains(UInt8(ascii: "\\")) { return raw.elementsEqual(expected) }
    return decode(raw).utf8.elementsEqual(expected)
  }

  /// Decodes the escapes. Lone surrogates become U+FFFD.
  package static func decode(_ raw: UnsafeRawBufferPointer) -> String {
    var units: [UInt16] = []
    var text = ""
    var index = 0
    func flush() {
      text += String(decoding: units, as: UTF16.self)
      units = []
    }
    while index < raw.count {
      guard raw[index] == UInt8(ascii: "\\"), index + 1 < raw.count else {
        let end = raw[index...].firstIndex(of: UInt8(ascii: "\\")) ?? raw.count
        flush()
        text += String(decoding: raw[index..<max(end, index + 1)], as: UTF8.self)
        index = max(end, index + 1)
        continue
      }
      if raw[index + 1] == UInt8(ascii: "u"), index + 6 <= raw.count {
        let value = raw[index + 2..<index + 6].reduce(UInt32(0)) { $0 << 4 | (JSONSyntax.hexValue($1) ?? 0) }
        units.append(UInt16(truncatingIfNeeded: value))
        index += 6
      } else {
        units.append(Self.shortEscapes[raw[index + 1]] ?? UInt16(raw[index + 1]))
        index += 2
      }
    }
    flush()
    return text
  }

  private static let shortEscapes: [UInt8: UInt16] = [
    UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
    UInt8(ascii: "t"): 9,
  ]
}
