/// A film in a data file of the format `lines`: `{"imdb_id":"tt0000009",` and then TMDB's response from behind its
/// opening brace.
///
/// Line breaks in the response, which JSON allows only between tokens, become spaces. White space before the opening
/// brace is left out. All other bytes are TMDB's, so that a response that is read from a line gives the same line again.
package enum FilmLine {
  private static let start = Array(#"{"imdb_id":""#.utf8)

  /// The line without its line break, in two pieces: the second one is a part of the response, if possible uncopied.
  /// - Parameter response: a JSON object.
  package static func pieces(id: String, response: [UInt8]) -> (start: [UInt8], rest: ArraySlice<UInt8>) {
    let members = response.drop { $0 != UInt8(ascii: "{") }.dropFirst()
    let isEmpty = members.first { !isSpace($0) } == UInt8(ascii: "}")
    return (start + id.utf8 + (isEmpty ? "\"" : "\",").utf8, withoutLineBreaks(members))
  }

  /// Reads a line without its line break.
  /// - Returns: the film's id, and where the part of the response behind its opening brace begins.
  /// - Throws: `JSONError` if the line is not a JSON object that begins with an IMDb id as `pieces` writes it.
  static func parse(_ line: UnsafeRawBufferPointer) throws(JSONError) -> (id: String, restStart: Int) {
    try JSONScanner.check(line)
    guard line.starts(with: start) else { throw JSONError(at: 0, "expected {\"imdb_id\":\"") }
    // The line is well-formed, so that a quote and more follow.
    let id = line[start.count...].prefix { $0 != UInt8(ascii: "\"") }
    let text = String(decoding: id, as: UTF8.self)
    guard FilmID.isValid(text) else { throw JSONError(at: start.count, "expected an IMDb id") }
    let end = id.endIndex + 1
    if line[end] == UInt8(ascii: ",") { return (text, end + 1) }
    // Only an empty response has no comma.
    guard line[end...].first(where: { !isSpace($0) }) == UInt8(ascii: "}") else {
      throw JSONError(at: end, "expected a comma without space before it")
    }
    return (text, end)
  }

  private static func withoutLineBreaks(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let hasLineBreak = bytes.withUnsafeBufferPointer { $0.containsByte { isLineBreak($0) } }
    return hasLineBreak ? bytes.map { isLineBreak($0) ? UInt8(ascii: " ") : $0 }[...] : bytes
  }

  private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  static func isSpace(_ byte: UInt8) -> Bool { isLineBreak(byte) || byte == 0x20 || byte == 0x09 }
}
