/// A run's name: 1 to 64 of A–Z, a–z, 0–9, `.`, `_` and `-`, beginning with a letter or digit. It is part of keys.
package struct RunName: Equatable, Hashable, Sendable, CustomStringConvertible, Codable {
  package let description: String

  package init?(_ text: String) {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
    guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 64,
      text.utf8.allSatisfy({ isAlphanumeric($0) || $0 == 45 || $0 == 46 || $0 == 95 })
    else { return nil }
    description = text
  }

  /// The name that a time and an id give: `20261124T030000Z-53dc4d37`. One event delivered twice gives one name.
  package init(time: UnixTime, id: String) {
    let letters = id.utf8.filter {
      (48...57).contains($0) || (97...122).contains($0) || (65...90).contains($0)
    }
    description = "\(time.basic)-\(String(decoding: letters.prefix(8), as: UTF8.self))"
  }

  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let name = RunName(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a run's name"))
    }
    self = name
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  package static let rule = "1 to 64 letters, digits, dots, dashes or underscores, a letter or digit first"
}
