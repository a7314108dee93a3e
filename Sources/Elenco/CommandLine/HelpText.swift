/// The help of a command, for a terminal of at least 100 columns.
enum HelpText {
  private static let columns = 100
  /// Where the descriptions of options begin.
  private static let helpColumn = 23

  static func text(_ spec: CommandSpec) -> String {
    let options = spec.options.map { option in
      entry(option.synopsis, option.help + (option.isRequired ? " (required)" : ""))
    }
    return """
      \(usage(spec))

      \(paragraphs(spec.description))

      Options:
      \((options + [entry("--help", "show this help")]).joined(separator: "\n"))

      Example:
        \(spec.example)

      \(wrapped("Exit status: \(spec.exitStatus)").joined(separator: "\n"))
      """
  }

  /// `usage: elenco status [RUN] …`, on as many lines as it needs.
  static func usage(_ spec: CommandSpec) -> String {
    let start = "usage: elenco \(spec.name)"
    let lines = TextWrap.fill(spec.synopsis, columns: columns - start.count - 1)
    return lines.enumerated().map { index, line in
      index == 0
        ? "\(start) \(line)" : String(repeating: " ", count: start.count + 1) + line
    }.joined(separator: "\n")
  }

  /// A name and its description, which begins in a column of its own.
  private static func entry(_ name: String, _ help: String) -> String {
    let indent = String(repeating: " ", count: helpColumn)
    let lines = wrapped(help, columns: columns - helpColumn)
    let label = "  \(name)"
    // A name that is too long has a line of its own.
    let isLong = label.count > helpColumn - 2
    let first = isLong ? "\(label)\n\(indent)" : label.padded(right: helpColumn)
    return first + lines.joined(separator: "\n\(indent)")
  }

  private static func paragraphs(_ text: String) -> String {
    CommandSpec.paragraphs(text).map { wrapped($0).joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private static func wrapped(_ text: String, columns: Int = columns) -> [String] {
    TextWrap.lines(text, columns: columns)
  }
}
