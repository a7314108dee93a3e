import CBytes

/// Walks over JSON text (RFC 8259) byte by byte and refuses whatever is not well-formed: no value is built.
///
/// Strict in what the RFC leaves no room for: UTF-8 without errors, no control characters in strings, no zeros in
/// front of numbers, no comma too many, no byte order mark. A lone surrogate written as `\uD800` is taken: the RFC's
/// grammar allows it, and the bytes are kept as they came. Reads nothing outside the buffer, which the caller keeps
/// alive.
package struct JSONScanner {
  /// Arrays and objects within one another. TMDB's answers have three levels.
  package static let depthMax = 512

  private let base: UnsafePointer<UInt8>
  private let end: Int
  /// The next byte.
  package private(set) var position: Int

  package init(_ bytes: UnsafeRawBufferPointer) {
    // An empty buffer may have no address; nothing is read of it.
    base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? ("" as StaticString).utf8Start
    end = bytes.count
    position = 0
  }

  /// Checks that the bytes are one JSON value, with white space around it and nothing else.
  package static func check(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    scanner.skipSpace()
    try scanner.skipValue()
    try scanner.finish()
  }

  /// The byte that comes next; nil at the end.
  package var next: UInt8? { position < end ? base[position] : nil }

  /// Passes over white space.
  @inline(__always)
  package mutating func skipSpace() {
    // Mostly there is none, and one comparison says so.
    while position < end, base[position] <= 0x20 {
      switch base[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  /// Passes over white space, and refuses anything behind it.
  package mutating func finish() throws(JSONError) {
    skipSpace()
    guard position == end else { throw JSONError(at: position, "something follows the value") }
  }

  /// Takes `byte`, or refuses what is there instead.
  @inline(__always)
  package mutating func expect(_ byte: UInt8, _ wanted: StaticString) throws(JSONError) {
    guard position < end, base[position] == byte else { throw unexpected(wanted) }
    position += 1
  }

  /// Takes `byte` when it is next.
  @inline(__always)
  package mutating func take(_ byte: UInt8) -> Bool {
    guard position < end, base[position] == byte else { return false }
    position += 1
    return true
  }

  /// Passes over one value of any kind. White space in front of it is the caller's to skip.
  package mutating func skipValue() throws(JSONError) { try skipValue(depth: 0) }

  @inline(__always)
  private mutating func skipValue(depth: Int) throws(JSONError) {
    guard position < end else { throw unexpected("a value") }
    switch base[position] {
    case UInt8(ascii: "\""): try skipString()
    case UInt8(ascii: "{"): try skipObject(depth: depth + 1)
    case UInt8(ascii: "["): try skipArray(depth: depth + 1)
    case UInt8(ascii: "t"): try skipWord(endingIn: "true")
    case UInt8(ascii: "f"): try skipWord(endingIn: "alse", after: 1)
    case UInt8(ascii: "n"): try skipWord(endingIn: "null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
    default: throw unexpected("a value")
    }
  }

  private mutating func skipObject(depth: Int) throws(JSONError) {
    try checkDepth(depth)
    position += 1
    skipSpace()
    if take(UInt8(ascii: "}")) { return }
    while true {
      try skipString()
      skipSpace()
      try expect(UInt8(ascii: ":"), "a colon")
      skipSpace()
      try skipValue(depth: depth)
      skipSpace()
      if take(UInt8(ascii: ",")) {
        skipSpace()
      } else {
        return try expect(UInt8(ascii: "}"), "a comma or a closing brace")
      }
    }
  }

  private mutating func skipArray(depth: Int) throws(JSONError) {
    try checkDepth(depth)
    position += 1
    skipSpace()
    if take(UInt8(ascii: "]")) { return }
    while true {
      try skipValue(depth: depth)
      skipSpace()
      if take(UInt8(ascii: ",")) {
        skipSpace()
      } else {
        return try expect(UInt8(ascii: "]"), "a comma or a closing bracket")
      }
    }
  }

  private func checkDepth(_ depth: Int) throws(JSONError) {
    guard depth <= Self.depthMax else {
      throw JSONError(at: position, "nested deeper than \(Self.depthMax) levels")
    }
  }

  /// - Parameter ending: the last four letters of a word that has `letters` before them.
  @inline(__always)
  private mutating func skipWord(endingIn ending: StaticString, after letters: Int = 0) throws(JSONError) {
    let start = position + letters
    guard end - start >= 4,
      UnsafeRawPointer(base + start).loadUnaligned(as: UInt32.self)
        == UnsafeRawPointer(ending.utf8Start).loadUnaligned(as: UInt32.self)
    else { throw unexpected("a value") }
    position = start + 4
  }

  private mutating func skipNumber() throws(JSONError) {
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try skipDigits() }
    if take(UInt8(ascii: ".")) { try skipDigits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws(JSONError) {
    let start = position
    while position < end, base[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    guard position > start else { throw unexpected("a digit") }
  }

  /// Passes over a string, its quotes included.
  /// - Returns: the range between the quotes.
  @discardableResult @inline(__always)
  package mutating func skipString() throws(JSONError) -> Range<Int> {
    try expect(UInt8(ascii: "\""), "a string")
    let start = position
    while true {
      skipPlain()
      guard position < end else { throw JSONError(at: position, "the text ends inside a string") }
      guard base[position] != UInt8(ascii: "\"") else {
        position += 1
        return start..<position - 1
      }
      try skipSpecial()
    }
  }

  /// Passes over what needs no look of its own inside a string.
  @inline(__always)
  private mutating func skipPlain() {
    while position + 16 <= end {
      let stops = bytes_json_string_stops(base + position)
      guard stops == 0 else {
        position += stops.trailingZeroBitCount
        return
      }
      position += 16
    }
    while position < end {
      let byte = base[position]
      guard byte >= 0x20, byte != 0x22, byte != 0x5C, byte < 0x80 else { return }
      position += 1
    }
  }

  /// Passes over an escape, or over characters beyond ASCII, of which seldom one comes alone.
  private mutating func skipSpecial() throws(JSONError) {
    guard base[position] >= 0x20 else {
      throw JSONError(at: position, "a control character inside a string")
    }
    if base[position] == UInt8(ascii: "\\") { return try skipEscape() }
    repeat { try skipMultibyte() } while position < end && base[position] >= 0x80
  }

  private mutating func skipEscape() throws(JSONError) {
    guard position + 1 < end else { throw JSONError(at: position, "the text ends inside a string") }
    switch base[position + 1] {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: position += 2
    case UInt8(ascii: "u"):
      guard position + 6 <= end, (2..<6).allSatisfy({ Self.hexValue(base[position + $0]) != nil }) else {
        throw JSONError(at: position, "\\u without four hexadecimal digits")
      }
      position += 6
    default: throw JSONError(at: position, "a backslash with nothing that it escapes")
    }
  }

  /// One character of two to four bytes (The Unicode Standard, table 3-7).
  private mutating func skipMultibyte() throws(JSONError) {
    let lead = base[position]
    let second = position + 1 < end ? base[position + 1] : 0
    let count: Int
    switch lead {
    case 0xC2...0xDF: count = Self.isTail(second) ? 2 : 0
    case 0xE0: count = (0xA0...0xBF).contains(second) ? 3 : 0
    case 0xED: count = (0x80...0x9F).contains(second) ? 3 : 0
    case 0xE1...0xEF: count = Self.isTail(second) ? 3 : 0
    case 0xF0: count = (0x90...0xBF).contains(second) ? 4 : 0
    case 0xF1...0xF3: count = Self.isTail(second) ? 4 : 0
    case 0xF4: count = (0x80...0x8F).contains(second) ? 4 : 0
    default: count = 0
    }
    guard count > 0, position + count <= end,
      (2..<max(2, count)).allSatisfy({ Self.isTail(base[position + $0]) })
    else { throw JSONError(at: position, "bytes that are no UTF-8") }
    position += count
  }

  private static func isTail(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  static func hexValue(_ digit: UInt8) -> UInt32? {
    switch digit {
    case 0x30...0x39: UInt32(digit - 0x30)
    case 0x41...0x46: UInt32(digit - 0x37)
    case 0x61...0x66: UInt32(digit - 0x57)
    default: nil
    }
  }

  private func unexpected(_ wanted: StaticString) -> JSONError {
    JSONError(
      at: position, position < end ? "\(wanted) was expected" : "the text ends where \(wanted) was expected")
  }
}
