import Shared

/// An invalid command line. The program prints it and exits with status 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  /// - Parameter usage: the usage text of the command, printed after the problem.
  init(_ problem: String, usage: String) { description = "\(problem)\n\n\(usage)" }

  /// - Parameter hint: a line printed after the problem, in place of the usage text.
  init(_ problem: String, hint: String) { description = "\(problem)\n\(hint)" }
}

/// A command line, parsed by the command's table: `--name value`, `--name=value`, and flags without a value; with one
/// word that is not an option, before, between or after them.
struct Arguments {
  /// The word that is not an option; nil if it is not given.
  private(set) var operand: String?
  private var values: [String: String] = [:]
  private var flags: Set<String> = []
  private let spec: CommandSpec

  /// - Throws: `UsageError` for an option that is unknown, repeated, missing, or has no value or not one of its choices;
  ///   for a missing operand, and for a second one.
  init(_ words: some Sequence<String>, _ spec: CommandSpec) throws(UsageError) {
    self.spec = spec
    var words = Array(words)[...]
    while let word = words.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let option = spec.options.first { $0.name == parts[0] }
      switch option?.value {
      case .flag? where parts.count == 1: flags.insert(word)
      case .some(let kind) where option?.placeholder != nil:
        let name = String(parts[0])
        guard let value = parts.count == 2 ? String(parts[1]) : words.popFirst() else {
          throw refusal("option \(name) requires a value")
        }
        if case .choice(_, let choices) = kind, !choices.contains(value) {
          throw refusal(
            "option \(name) must be one of \(choices.joined(separator: ", ")), not \"\(value.printable)\"")
        }
        guard values.updateValue(value, forKey: name) == nil else {
          throw refusal("option \(name) is given more than once")
        }
      case _ where word.hasPrefix("-"):
        let hint = word.count > 2 ? NearestName.hint(String(parts[0]), among: spec.options.map(\.name)) : ""
        throw refusal("unknown option \"\(word.printable)\"\(hint)")
      case _ where spec.operand != nil && operand == nil: operand = word
      default: throw refusal("unexpected argument \"\(word.printable)\"")
      }
    }
    for option in spec.options where option.isRequired {
      guard let value = values[option.name], !value.isEmpty else {
        throw refusal("option \(option.name) is required")
      }
    }
  }

  /// Returns whether a flag is given.
  func has(_ flag: String) -> Bool { flags.contains(flag) }

  /// The value of an option; nil if it is not given.
  subscript(_ option: String) -> String? { values[option] }

  /// The value of an option that the table requires.
  func required(_ option: String) -> String { values[option] ?? "" }

  /// The value of an option that is a whole number; nil if it is not given.
  func wholeNumber(_ option: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = self[option] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw refusal(
        "option \(option) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// An error about this command line, which shows the command's help.
  func refusal(_ problem: String) -> UsageError { UsageError(problem, usage: HelpText.text(spec)) }
}
