/// A piece of HTML. What is interpolated into it is escaped, unless it is HTML itself, so that text from S3 can never
/// become markup.
struct HTML: Equatable, Sendable, ExpressibleByStringInterpolation {
  private(set) var text: String

  init(stringLiteral text: String) { self.text = text }

  init(stringInterpolation pieces: StringInterpolation) { text = pieces.text }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ text: String) { self.text += HTML.escaped(text) }

    mutating func appendInterpolation(_ html: HTML) { text += html.text }

    mutating func appendInterpolation(_ pieces: some Sequence<HTML>) {
      for piece in pieces { text += piece.text }
    }

    /// Digits alone, for attributes. For readers, use `grouped`.
    mutating func appendInterpolation(_ number: Int) { text += String(number) }

    /// At most two digits after the point, for coordinates.
    mutating func appendInterpolation(_ number: Double) { text += HTML.decimal(number) }
  }

  /// Text as HTML that shows it: markup escaped; characters that HTML does not allow or that change the direction of
  /// writing replaced.
  private static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n": result += " "
      case _ where isUnsafe(scalar): result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFDD0...0xFDEF: true
    default: scalar.value & 0xFFFE == 0xFFFE
    }
  }

  /// A number with at most two digits after the point; 0 for one that is not finite.
  static func decimal(_ number: Double) -> String {
    guard number.isFinite else { return "0" }
    let hundredths = Int((min(max(number, -1e12), 1e12) * 100).rounded())
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    guard rest > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole).\(rest.isMultiple(of: 10) ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)")"
  }
}

extension String {
  /// The first characters, for text of any length from outside.
  func shortened(to count: Int = 300) -> String {
    let shown = unicodeScalars.prefix(count + 1)
    return shown.count > count ? String(String.UnicodeScalarView(shown.prefix(count))) + "…" : self
  }
}
