/// Scans JSON text and rejects anything that is not well-formed. Builds no values.
package struct JSONScanner {
  private let syntax: JSONSyntax
  /// The offset of the next byte.
  package private(set) var position = 0

  /// - Parameter bytes: the text. The caller keeps it alive.
  package init(_ bytes: UnsafeRawBufferPointer) { syntax = JSONSyntax(bytes) }

  /// Checks that the bytes are exactly one JSON value, with optional white space around it.
  package static func check(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    scanner.skipSpace()
    try scanner.skipValue()
    try scanner.finish()
  }

  /// Advances past white space.
  package mutating func skipSpace() { position = syntax.endOfSpace(at: position) }

  /// Advances past white space, and throws if anything follows it.
  package mutating func finish() throws(JSONError) {
    skipSpace()
    guard position == syntax.end else { throw JSONError(at: position, "unexpected data after the value") }
  }

  /// Advances past `byte`, or throws if the next byte is another one.
  /// - Parameter description: names the byte in the error: `a colon`.
  package mutating func expect(_ byte: UInt8, _ description: StaticString) throws(JSONError) {
    guard take(byte) else { throw syntax.missing(description, at: position) }
  }

  /// Advances past `byte` if it is the next one, and returns whether it was.
  package mutating func take(_ byte: UInt8) -> Bool {
    guard position < syntax.end, syntax.base[position] == byte else { return false }
    position += 1
    return true
  }

  /// Advances past one value of any kind. The caller must skip white space before it.
  package mutating func skipValue() throws(JSONError) { position = try syntax.endOfValue(at: position) }

  /// Advances past a string and its quotes.
  /// - Returns: the range between the quotes.
  package mutating func skipString() throws(JSONError) -> Range<Int> {
    let start = position
    position = try syntax.endOfString(at: start)
    return start + 1..<position - 1
  }
}
