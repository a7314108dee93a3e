/// Breaks text into lines.
enum TextWrap {
  /// Breaks a text at its spaces into lines of at most `columns` characters. A longer word has a line of its own.
  static func lines(_ text: String, columns: Int) -> [String] {
    fill(text.split { $0.isWhitespace }.map { String($0) }, columns: columns)
  }

  /// Joins words with spaces to lines of at most `columns` characters.
  static func fill(_ words: [String], columns: Int) -> [String] {
    var lines: [String] = []
    for word in words {
      if let last = lines.last, last.count + 1 + word.count <= columns {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(word)
      }
    }
    return lines
  }
}
