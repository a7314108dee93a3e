/// What a command does and accepts, as a table. The parser, the help, the shells' completions and the man page are all
/// made from it.
struct CommandSpec: Sendable {
  struct Option: Sendable {
    /// What follows the option's name.
    enum Value: Sendable {
      case flag
      case text(String)
      case file(String)
      case folder(String)
      case choice(String, [String])
    }

    /// `--bucket`
    let name: String
    let value: Value
    let help: String
    var isRequired = false

    static func flag(_ name: String, _ help: String) -> Option {
      Option(name: name, value: .flag, help: help)
    }

    static func text(_ name: String, _ value: String, _ help: String, isRequired: Bool = false) -> Option {
      Option(name: name, value: .text(value), help: help, isRequired: isRequired)
    }

    static func file(_ name: String, _ value: String, _ help: String, isRequired: Bool = false) -> Option {
      Option(name: name, value: .file(value), help: help, isRequired: isRequired)
    }

    /// The name of the value in the help; nil for a flag.
    var placeholder: String? {
      switch value {
      case .flag: nil
      case .text(let name), .file(let name), .folder(let name), .choice(let name, _): name
      }
    }

    /// `--bucket BUCKET`
    var synopsis: String { placeholder.map { "\(name) \($0)" } ?? name }
  }

  /// The word that is not an option.
  struct Operand: Sendable {
    /// `RUN`
    let name: String
    let isRequired: Bool
    var choices: [String] = []
  }

  let name: String
  /// One phrase without a period, for the list of commands.
  let summary: String
  var operand: Operand?
  /// What the command does, in paragraphs.
  let description: String
  let options: [Option]
  /// Options of which one is required, in the usage line instead of `[…]` each.
  var alternatives: [String] = []
  /// Completes "Exit status: ".
  let exitStatus: String
  /// A command line that works after its names are replaced.
  let example: String

  /// The parts of the usage line behind the command's name.
  var synopsis: [String] {
    var parts: [String] = []
    if let operand { parts.append(operand.isRequired ? operand.name : "[\(operand.name)]") }
    let chosen = options.filter { alternatives.contains($0.name) }
    if !chosen.isEmpty { parts.append("(\(chosen.map(\.synopsis).joined(separator: " | ")))") }
    for option in options where !alternatives.contains(option.name) {
      parts.append(option.isRequired ? option.synopsis : "[\(option.synopsis)]")
    }
    return parts
  }

  /// The paragraphs of a description, which empty lines separate.
  static func paragraphs(_ text: String) -> [String] {
    var paragraphs = [""]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty {
        paragraphs.append("")
      } else {
        paragraphs[paragraphs.count - 1] += (paragraphs[paragraphs.count - 1].isEmpty ? "" : " ") + line
      }
    }
    return paragraphs.filter { !$0.isEmpty }
  }
}

/// A command of `elenco`.
protocol Command {
  static var spec: CommandSpec { get }

  /// - Returns: whether it succeeded; false gives exit status 1.
  static func main(_ arguments: Arguments) throws -> Bool
}

extension Command {
  static func main(_ words: [String]) throws -> Bool { try main(Arguments(words, spec)) }
}
