/// What a terminal can show, according to the environment.
struct TerminalStyle: Equatable {
  /// Whether characters beyond ASCII are shown.
  let isUTF8: Bool
  let hasColors: Bool
  /// Whether the cursor can be moved.
  let movesCursor: Bool

  /// - Parameter environment: `LC_ALL`, else `LC_CTYPE`, else `LANG` names the character set (POSIX, "Environment
  ///   Variables"). A `NO_COLOR` that is not empty (https://no-color.org) and `TERM=dumb` switch colours off.
  init(environment: [String: String]) {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let locale = (variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG") ?? "").lowercased()
    let isDumb = variable("TERM").map { $0 == "dumb" } ?? true
    isUTF8 = locale.contains("utf-8") || locale.contains("utf8")
    hasColors = !isDumb && variable("NO_COLOR") == nil
    movesCursor = !isDumb
  }

  init(isUTF8: Bool, hasColors: Bool, movesCursor: Bool = true) {
    (self.isUTF8, self.hasColors, self.movesCursor) = (isUTF8, hasColors, movesCursor)
  }
}

/// A line for a terminal, with the number of columns that it takes: escape sequences for colours take none.
struct TerminalLine: Equatable {
  private(set) var text = ""
  private(set) var columns = 0

  init() {}

  /// - Parameter plain: text without escape sequences.
  init(_ plain: String) { append(plain) }

  mutating func append(_ plain: String) {
    text += plain
    columns += plain.count
  }

  mutating func append(_ line: TerminalLine) {
    text += line.text
    columns += line.columns
  }

  /// - Parameter color: the parameters of the escape sequence "Select Graphic Rendition" (ECMA-48, 8.3.117); nil for none.
  mutating func append(_ plain: String, color: String?) {
    guard let color else { return append(plain) }
    text += "\u{1B}[\(color)m\(plain)\u{1B}[0m"
    columns += plain.count
  }
}

/// Lines at the bottom of a terminal that are drawn again and again at the same place.
struct TerminalArea {
  /// The widths of the lines that were drawn last.
  private var drawn: [Int] = []

  /// Returns the text that draws lines over those drawn before. The cursor stays behind the last line.
  /// - Parameters:
  ///   - lines: at least one; each is narrower than the terminal.
  ///   - columns: the terminal's width now. A terminal that has become narrower has wrapped the lines drawn before.
  mutating func redraw(_ lines: [TerminalLine], columns: Int) -> String {
    let rows = drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / max(1, columns)) }
    let up = rows > 1 ? "\u{1B}[\(rows - 1)A" : ""
    drawn = lines.map(\.columns)
    return "\r" + up + lines.map { $0.text + "\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J"
  }

  /// Returns the text that leaves the lines as they are and moves the cursor below them.
  mutating func leave() -> String {
    defer { drawn = [] }
    return drawn.isEmpty ? "" : "\n"
  }
}
