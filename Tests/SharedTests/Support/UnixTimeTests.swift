import Testing

@testable import Shared

@Suite("Times") struct UnixTimeTests {
  private static let century: Duration = .seconds(36_525 * 86_400)

  @Test("durations are added to the nanosecond, also long ones") func exact() {
    let start = UnixTime(seconds: 1_795_489_200)
    let later = start + (Self.century + .nanoseconds(1))
    #expect(later.nanoseconds == (1_795_489_200 + 36_525 * 86_400) * 1_000_000_000 + 1)
    #expect(start.duration(to: later) == Self.century + .nanoseconds(1))
    #expect((start + .nanoseconds(-1)).nanoseconds == 1_795_489_199_999_999_999)
  }

  @Test("a time beyond the range becomes the nearest one within") func range() {
    let (first, last) = (UnixTime(nanoseconds: .min), UnixTime(nanoseconds: .max))
    #expect(UnixTime(seconds: .max) == last && UnixTime(milliseconds: .min) == first)
    #expect(last + .seconds(1) == last && first + .seconds(-1) == first)
    #expect(UnixTime(seconds: 0) + .seconds(Int64.max) == last)
    #expect(first + first.duration(to: last) < last)
    #expect(first.duration(to: last) == .nanoseconds(Int64.max))
  }

  @Test("times before 1970 are written as others are") func negative() {
    #expect(UnixTime(milliseconds: -1).iso8601 == "1969-12-31T23:59:59.999Z")
    #expect(UnixTime(seconds: -86_400).iso8601 == "1969-12-31T00:00:00.000Z")
    #expect(UnixTime(iso8601: "1969-12-31T23:59:59.999Z") == UnixTime(milliseconds: -1))
  }
}
