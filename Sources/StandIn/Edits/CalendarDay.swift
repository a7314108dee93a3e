import Glibc

/// A day of the Gregorian calendar, in UTC.
package struct CalendarDay: Hashable, Comparable, Sendable {
  private static let seconds = 86_400

  /// Days since 1970-01-01.
  let number: Int

  init(number: Int) { self.number = number }

  init(millisecondsSince1970 milliseconds: Int) { number = milliseconds / (Self.seconds * 1000) }

  /// Parses `2026-11-21`; nil if that is not a day in this form.
  package init?(parsing text: some StringProtocol) {
    let fields = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard fields.map(\.count) == [4, 2, 2],
      fields.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } })
    else { return nil }
    let numbers = fields.map { $0.reduce(Int32(0)) { $0 * 10 + Int32($1 - 0x30) } }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
    let time = timegm(&parts)
    // timegm turns a 31st of April into the 1st of May.
    guard (parts.tm_mon, parts.tm_mday) == (numbers[1] - 1, numbers[2]) else { return nil }
    number = time / Self.seconds
  }

  package static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }
}
