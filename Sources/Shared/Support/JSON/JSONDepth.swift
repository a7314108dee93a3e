/// The limit on nested arrays and objects in JSON that is decoded into values.
///
/// Foundation's `JSONDecoder` allows 512 levels and recurses for each. That overflows the 512 KiB stacks of Swift's
/// threads, so deeper text has to be refused before it is decoded.
enum JSONDepth {
  /// The deepest JSON of Elenco, a failure record around an event in an SQS message, has fewer than 10 levels.
  static let max = 64

  /// Checks text that need not be valid JSON.
  /// - Throws: `JSONError` at the first bracket that is nested too deeply.
  static func check(_ bytes: [UInt8]) throws(JSONError) {
    var (depth, isInString, isEscaped) = (0, false, false)
    for (index, byte) in bytes.enumerated() {
      guard !isInString else {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        guard depth <= max else { throw JSONError(at: index, "more than \(max) nested arrays and objects") }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
  }
}
