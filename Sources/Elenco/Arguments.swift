import Shared

/// An invalid command line. The program prints it and exits with status 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  /// - Parameter usage: the usage text of the command, printed after the problem.
  init(_ problem: String, usage: String) { description = "\(problem)\n\n\(usage)" }

  /// - Parameter hint: a line printed after the problem, in place of the usage text.
  init(_ problem: String, hint: String) { description = "\(problem)\n\(hint)" }
}

/// A parsed command line of long options: `--name value`, `--name=value`, and flags without a value; with one word that
/// is not an option, before, between or after them.
struct Arguments {
  /// The word that is not an option; nil if it is not given.
  private(set) var operand: String?
  private var values: [String: String] = [:]
  private var flags: Set<String> = []
  private let usage: String

  /// - Parameter takesOperand: whether one word that is not an option is allowed.
  /// - Throws: `UsageError` for an option that is unknown, repeated, or has no value, and for a second operand.
  init(
    _ words: some Sequence<String>, options: Set<String>, flags known: Set<String>,
    takesOperand: Bool = false,
    usage: String
  ) throws(UsageError) {
    self.usage = usage
    var words = Array(words)[...]
    while let word = words.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      if known.contains(name), parts.count == 1 {
        flags.insert(name)
      } else if options.contains(name) {
        guard let value = parts.count == 2 ? String(parts[1]) : words.popFirst() else {
          throw UsageError("option \(name) requires a value", usage: usage)
        }
        guard values.updateValue(value, forKey: name) == nil else {
          throw UsageError("option \(name) is given more than once", usage: usage)
        }
      } else if word.hasPrefix("-") {
        throw UsageError("unknown option \"\(word.printable)\"", usage: usage)
      } else if takesOperand, operand == nil {
        operand = word
      } else {
        throw UsageError("unexpected argument \"\(word.printable)\"", usage: usage)
      }
    }
  }

  /// Returns whether a flag is given.
  func has(_ flag: String) -> Bool { flags.contains(flag) }

  /// The value of an option; nil if it is not given.
  subscript(_ option: String) -> String? { values[option] }

  /// Returns the value of an option.
  /// - Throws: `UsageError` if it is not given or empty.
  func required(_ option: String) throws(UsageError) -> String {
    guard let value = values[option], !value.isEmpty else {
      throw UsageError("option \(option) is required", usage: usage)
    }
    return value
  }
}
