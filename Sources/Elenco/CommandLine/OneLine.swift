/// Text of unknown origin, made safe for a terminal.
extension String {
  /// The most characters that are shown.
  private static let shownMax = 8_000

  /// The text on one line and without characters that a terminal interprets: a line break becomes a space; other control
  /// characters, and those that change the direction of text, become "?".
  var onOneLine: String {
    var shown = String.UnicodeScalarView()
    for scalar in unicodeScalars.prefix(Self.shownMax) {
      switch scalar.value {
      case 0x09, 0x0A, 0x0D, 0x2028, 0x2029: shown.append(" ")
      case 0..<0x20, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: shown.append("?")
      default: shown.append(scalar)
      }
    }
    if unicodeScalars.count > Self.shownMax { shown.append("…") }
    return String(shown)
  }
}
