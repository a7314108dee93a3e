import Shared

/// A command line that does not say what it should. Ends the program with 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ problem: String, usage: String) { description = "\(problem)\n\n\(usage)" }
}

/// Long options: `--name value`, `--name=value`, and flags without a value.
struct Arguments {
  private var values: [String: String] = [:]
  private var flags: Set<String> = []
  private let usage: String

  /// - Throws: `UsageError` for an option that is unknown, given twice, or lacks its value.
  init(_ words: some Sequence<String>, options: Set<String>, flags known: Set<String>, usage: String)
    throws(UsageError)
  {
    self.usage = usage
    var words = Array(words)[...]
    while let word = words.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      if known.contains(name), parts.count == 1 {
        flags.insert(name)
      } else if options.contains(name) {
        guard let value = parts.count == 2 ? String(parts[1]) : words.popFirst() else {
          throw UsageError("\(name) needs a value", usage: usage)
        }
        guard values.updateValue(value, forKey: name) == nil else {
          throw UsageError("\(name) is given twice", usage: usage)
        }
      } else {
        throw UsageError("there is no option \"\(word.printable)\"", usage: usage)
      }
    }
  }

  func has(_ flag: String) -> Bool { flags.contains(flag) }

  subscript(_ option: String) -> String? { values[option] }

  func required(_ option: String) throws(UsageError) -> String {
    guard let value = values[option], !value.isEmpty else {
      throw UsageError("\(option) is missing", usage: usage)
    }
    return value
  }
}
