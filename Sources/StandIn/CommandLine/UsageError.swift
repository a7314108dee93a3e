/// A command line, fault rule or duration that cannot be parsed. The command exits with status 2.
package struct UsageError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension Duration {
  /// Parses a whole number with a unit: `250us`, `50ms`, `2s`; at most one hour.
  init(parsing text: String) throws {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units: [Substring: Duration] = ["us": .microseconds(1), "ms": .milliseconds(1), "s": .seconds(1)]
    guard let count = Int(digits), count <= 3_600_000_000, let unit = units[text.dropFirst(digits.count)],
      unit * count <= .seconds(3600)
    else { throw UsageError("\"\(text)\" is not a duration; write it as 250us, 50ms or 2s, at most 3600s") }
    self = unit * count
  }
}
