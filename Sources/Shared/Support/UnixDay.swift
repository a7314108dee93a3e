/// A UTC calendar day, as the number of days since 1970-01-01.
package struct UnixDay: Hashable, Comparable, Sendable {
  package let number: Int

  private static let seconds: Int64 = 86_400

  package init(number: Int) { self.number = number }

  package init(_ time: UnixTime) {
    number = Int((Double(time.nanoseconds) / 1e9 / Double(Self.seconds)).rounded(.down))
  }

  /// Parses `2026-11-24`. Nil for any other form, and for a day that does not exist.
  package init?(iso8601 text: String) {
    guard let time = UnixTime(iso8601: text + "T00:00:00Z"), time.date == text else { return nil }
    self.init(time)
  }

  /// `2026-11-24`
  package var iso8601: String { UnixTime(seconds: Int64(number).saturatedProduct(Self.seconds)).date }

  package static func < (left: UnixDay, right: UnixDay) -> Bool { left.number < right.number }

  package static func + (day: UnixDay, days: Int) -> UnixDay { UnixDay(number: day.number + days) }

  package static func - (later: UnixDay, earlier: UnixDay) -> Int { later.number - earlier.number }
}
