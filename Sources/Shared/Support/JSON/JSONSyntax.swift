import CBytes

/// The grammar of JSON (RFC 8259): finds where the value at a position ends, and rejects text that is not well-formed.
///
/// It enforces what the RFC requires: valid UTF-8, no control characters in strings, no leading zeros, no trailing
/// commas, no byte order mark. It accepts a lone surrogate written as `\uD800`, which the RFC's grammar allows: the
/// text is stored byte for byte. It reads nothing outside the buffer, which the caller keeps alive. Functions pass
/// positions as parameters and results, so that the compiler can keep them in registers.
struct JSONSyntax {
  /// Maximum nesting depth of arrays and objects. TMDB's responses have three levels.
  static let depthMax = 512

  let base: UnsafePointer<UInt8>
  let end: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    // An empty buffer may have no address. Nothing is read from it.
    base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? ("" as StaticString).utf8Start
    end = bytes.count
  }

  /// Returns the position after any white space at `start`.
  @inline(__always)
  func endOfSpace(at start: Int) -> Int {
    var index = start
    // There usually is no white space, and one comparison shows that.
    while index < end, base[index] <= 0x20 {
      switch base[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index += 1
      default: return index
      }
    }
    return index
  }

  /// Returns the position after the value of any kind at `start`.
  /// - Parameter depth: the number of arrays and objects around the value.
  @inline(__always)
  func endOfValue(at start: Int, depth: Int = 0) throws(JSONError) -> Int {
    guard start < end else { throw missing("a value", at: start) }
    switch base[start] {
    case UInt8(ascii: "\""): return try endOfString(at: start)
    case UInt8(ascii: "{"): return try endOfObject(at: start, depth: depth + 1)
    case UInt8(ascii: "["): return try endOfArray(at: start, depth: depth + 1)
    case UInt8(ascii: "t"): return try endOfWord("true", at: start)
    case UInt8(ascii: "f"): return try endOfWord("alse", after: 1, at: start)
    case UInt8(ascii: "n"): return try endOfWord("null", at: start)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try endOfNumber(at: start)
    default: throw missing("a value", at: start)
    }
  }

  private func endOfObject(at start: Int, depth: Int) throws(JSONError) -> Int {
    try checkDepth(depth, at: start)
    var index = endOfSpace(at: start + 1)
    if index < end, base[index] == UInt8(ascii: "}") { return index + 1 }
    while true {
      index = endOfSpace(at: try endOfString(at: index))
      guard index < end, base[index] == UInt8(ascii: ":") else { throw missing("a colon", at: index) }
      index = endOfSpace(at: index + 1)
      index = endOfSpace(at: try endOfValue(at: index, depth: depth))
      guard index < end, base[index] == UInt8(ascii: ",") else { break }
      index = endOfSpace(at: index + 1)
    }
    guard index < end, base[index] == UInt8(ascii: "}") else {
      throw missing("a comma or a closing brace", at: index)
    }
    return index + 1
  }

  private func endOfArray(at start: Int, depth: Int) throws(JSONError) -> Int {
    try checkDepth(depth, at: start)
    var index = endOfSpace(at: start + 1)
    if index < end, base[index] == UInt8(ascii: "]") { return index + 1 }
    while true {
      index = endOfSpace(at: try endOfValue(at: index, depth: depth))
      guard index < end, base[index] == UInt8(ascii: ",") else { break }
      index = endOfSpace(at: index + 1)
    }
    guard index < end, base[index] == UInt8(ascii: "]") else {
      throw missing("a comma or a closing bracket", at: index)
    }
    return index + 1
  }

  private func checkDepth(_ depth: Int, at start: Int) throws(JSONError) {
    guard depth <= Self.depthMax else {
      throw JSONError(at: start, "nested deeper than \(Self.depthMax) levels")
    }
  }

  /// Returns the position after a word whose last four letters are `ending`; the caller has checked the `letters`
  /// letters before them.
  @inline(__always)
  private func endOfWord(
    _ ending: StaticString, after letters: Int = 0, at start: Int
  ) throws(JSONError) -> Int {
    let position = start + letters
    guard end - position >= 4,
      UnsafeRawPointer(base + position).loadUnaligned(as: UInt32.self)
        == UnsafeRawPointer(ending.utf8Start).loadUnaligned(as: UInt32.self)
    else { throw missing("a value", at: start) }
    return position + 4
  }

  @inline(__always)
  private func endOfNumber(at start: Int) throws(JSONError) -> Int {
    var index = start
    if base[index] == UInt8(ascii: "-") { index += 1 }
    let isZero = index < end && base[index] == UInt8(ascii: "0")
    index = isZero ? index + 1 : try endOfDigits(at: index)
    guard index < end else { return index }
    if base[index] == UInt8(ascii: ".") { index = try endOfDigits(at: index + 1) }
    guard index < end, base[index] | 0x20 == UInt8(ascii: "e") else { return index }
    return try endOfExponent(at: index + 1)
  }

  private func endOfExponent(at start: Int) throws(JSONError) -> Int {
    let hasSign = start < end && (base[start] == UInt8(ascii: "+") || base[start] == UInt8(ascii: "-"))
    return try endOfDigits(at: hasSign ? start + 1 : start)
  }

  @inline(__always)
  private func endOfDigits(at start: Int) throws(JSONError) -> Int {
    var index = start
    while index < end, base[index] &- UInt8(ascii: "0") < 10 { index += 1 }
    guard index > start else { throw missing("a digit", at: start) }
    return index
  }

  /// Returns the position after the closing quote of the string at `start`.
  @inline(__always)
  func endOfString(at start: Int) throws(JSONError) -> Int {
    guard start < end, base[start] == UInt8(ascii: "\"") else { throw missing("a string", at: start) }
    var index = start + 1
    while true {
      index = endOfPlain(at: index)
      guard index < end else { throw JSONError(at: index, "the text ends inside a string") }
      if base[index] == UInt8(ascii: "\"") { return index + 1 }
      index = try endOfSpecial(at: index)
    }
  }

  /// Returns the position of the next byte in a string that needs a separate check: a quote, a backslash, a control
  /// character or a byte of a non-ASCII character.
  @inline(__always)
  private func endOfPlain(at start: Int) -> Int {
    var index = start
    while index + 16 <= end {
      let stops = bytes_json_string_stops(base + index)
      if stops != 0 { return index + stops.trailingZeroBitCount }
      index += 16
    }
    while index < end {
      let byte = base[index]
      guard byte >= 0x20, byte != 0x22, byte != 0x5C, byte < 0x80 else { return index }
      index += 1
    }
    return index
  }

  /// Returns the position after an escape, or after a run of non-ASCII characters, which rarely occur singly.
  private func endOfSpecial(at start: Int) throws(JSONError) -> Int {
    guard base[start] >= 0x20 else { throw JSONError(at: start, "unescaped control character in a string") }
    if base[start] == UInt8(ascii: "\\") { return try endOfEscape(at: start) }
    var index = start
    repeat { index = try endOfMultibyte(at: index) } while index < end && base[index] >= 0x80
    return index
  }

  private func endOfEscape(at start: Int) throws(JSONError) -> Int {
    guard start + 1 < end else { throw JSONError(at: start, "the text ends inside a string") }
    switch base[start + 1] {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return start + 2
    case UInt8(ascii: "u"):
      guard start + 6 <= end, (2..<6).allSatisfy({ Self.hexValue(base[start + $0]) != nil }) else {
        throw JSONError(at: start, "\\u is not followed by four hexadecimal digits")
      }
      return start + 6
    default: throw JSONError(at: start, "invalid escape sequence")
    }
  }

  /// Returns the position after one character of two to four bytes (The Unicode Standard, table 3-7).
  @inline(__always)
  private func endOfMultibyte(at start: Int) throws(JSONError) -> Int {
    let lead = base[start]
    let second = start + 1 < end ? base[start + 1] : 0
    let count: Int
    switch lead {
    case 0xC2...0xDF: count = Self.isContinuation(second) ? 2 : 0
    case 0xE0: count = (0xA0...0xBF).contains(second) ? 3 : 0
    case 0xED: count = (0x80...0x9F).contains(second) ? 3 : 0
    case 0xE1...0xEF: count = Self.isContinuation(second) ? 3 : 0
    case 0xF0: count = (0x90...0xBF).contains(second) ? 4 : 0
    case 0xF1...0xF3: count = Self.isContinuation(second) ? 4 : 0
    case 0xF4: count = (0x80...0x8F).contains(second) ? 4 : 0
    default: count = 0
    }
    guard count > 0, start + count <= end,
      (2..<max(2, count)).allSatisfy({ Self.isContinuation(base[start + $0]) })
    else { throw JSONError(at: start, "invalid UTF-8") }
    return start + count
  }

  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  static func hexValue(_ digit: UInt8) -> UInt32? {
    switch digit {
    case 0x30...0x39: UInt32(digit - 0x30)
    case 0x41...0x46: UInt32(digit - 0x37)
    case 0x61...0x66: UInt32(digit - 0x57)
    default: nil
    }
  }

  /// Returns the error for text that has something other than `expected` at `start`, or that ends there.
  func missing(_ expected: StaticString, at start: Int) -> JSONError {
    JSONError(at: start, start < end ? "expected \(expected)" : "expected \(expected), but the text ends")
  }
}
