/// Walks over JSON text and refuses whatever is not well-formed: no value is built.
package struct JSONScanner {
  private let syntax: JSONSyntax
  /// The next byte.
  package private(set) var position = 0

  /// - Parameter bytes: kept alive by the caller.
  package init(_ bytes: UnsafeRawBufferPointer) { syntax = JSONSyntax(bytes) }

  /// Checks that the bytes are one JSON value, with white space around it and nothing else.
  package static func check(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    scanner.skipSpace()
    try scanner.skipValue()
    try scanner.finish()
  }

  /// Passes over white space.
  package mutating func skipSpace() { position = syntax.endOfSpace(at: position) }

  /// Passes over white space, and refuses anything behind it.
  package mutating func finish() throws(JSONError) {
    skipSpace()
    guard position == syntax.end else { throw JSONError(at: position, "something follows the value") }
  }

  /// Takes `byte`, or refuses what is there instead.
  package mutating func expect(_ byte: UInt8, _ wanted: StaticString) throws(JSONError) {
    guard take(byte) else { throw syntax.unexpected(wanted, at: position) }
  }

  /// Takes `byte` when it is next.
  package mutating func take(_ byte: UInt8) -> Bool {
    guard position < syntax.end, syntax.base[position] == byte else { return false }
    position += 1
    return true
  }

  /// Passes over one value of any kind. White space in front of it is the caller's to skip.
  package mutating func skipValue() throws(JSONError) { position = try syntax.endOfValue(at: position) }

  /// Passes over a string, its quotes included.
  /// - Returns: the range between the quotes.
  package mutating func skipString() throws(JSONError) -> Range<Int> {
    let start = position
    position = try syntax.endOfString(at: start)
    return start + 1..<position - 1
  }
}
