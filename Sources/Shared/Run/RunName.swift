/// A run's name, which is part of keys: 1 to 64 of A–Z, a–z, 0–9, `.`, `_`, `-`, with a letter or digit first.
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

  /// Names a run after a time and an id: `20261124T030000Z-53dc4d37`. A duplicate event gets the same name.
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
        .init(codingPath: decoder.codingPath, debugDescription: "not a valid run name"))
    }
    self = name
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// What a name must be, for error sentences.
  package static let rule =
    "1 to 64 letters, digits, dots, hyphens or underscores, starting with a letter or digit"
}
