/// The number in a title's IMDb id, mapped one-to-one to a TMDB id.
///
/// It is in 0 ... 99,999,999. The IMDb id is `tt` and seven digits, or eight from 10,000,000 on.
package struct FilmNumber: Hashable, Sendable, CustomStringConvertible {
  package static let count = 100_000_000

  package let value: Int

  /// - Returns: nil if `value` is outside 0 ..< `count`.
  package init?(_ value: Int) {
    guard (0..<FilmNumber.count).contains(value) else { return nil }
    self.value = value
  }

  /// Parses an id in IMDb's form: `tt` and seven digits, or eight digits without a leading zero.
  package init?(imdbID: some StringProtocol) {
    let bytes = imdbID.utf8
    guard bytes.count == 9 || bytes.count == 10, bytes.starts(with: "tt".utf8) else { return nil }
    var value = 0
    for byte in bytes.dropFirst(2) {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    guard bytes.count == 9 || value >= 10_000_000 else { return nil }
    self.init(value)
  }

  /// The film with this TMDB id; nil if no film has it.
  package init?(tmdbID: Int) {
    guard (1...FilmNumber.modulus).contains(tmdbID) else { return nil }
    let shifted = (tmdbID - 1 - FilmNumber.offset + FilmNumber.modulus) % FilmNumber.modulus
    self.init(shifted * FilmNumber.inverse % FilmNumber.modulus)
  }

  /// In 1 ... 100,000,007, different for every film.
  package var tmdbID: Int {
    (value * FilmNumber.factor + FilmNumber.offset) % FilmNumber.modulus + 1
  }

  package var description: String {
    let digits = String(value)
    return "tt" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
  }

  // The inverse undoes the multiplication by the factor, because factor * inverse = 1 modulo this prime. Products stay
  // below 2^54.
  private static let modulus = 100_000_007
  private static let factor = 61_803_399
  private static let inverse = 145_581
  private static let offset = 918_273
}
