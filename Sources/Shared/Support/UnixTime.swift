import FoundationEssentials
import Glibc

/// A calendar time in nanoseconds since 1970-01-01T00:00:00Z, for what people and services read. For waiting and
/// pacing, use `ContinuousClock`. The range is the years 1677 to 2262; a time or a duration beyond it becomes the
/// nearest one within.
package struct UnixTime: Sendable, Equatable, Comparable {
  package let nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package init(seconds: Int64) { nanoseconds = seconds.saturatedProduct(1_000_000_000) }

  package init(milliseconds: Int64) { nanoseconds = milliseconds.saturatedProduct(1_000_000) }

  package static func now() -> UnixTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UnixTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  package static func < (left: UnixTime, right: UnixTime) -> Bool { left.nanoseconds < right.nanoseconds }

  package static func + (time: UnixTime, duration: Duration) -> UnixTime {
    let (seconds, attoseconds) = duration.components
    let nanoseconds = seconds.saturatedProduct(1_000_000_000).saturatedSum(attoseconds / 1_000_000_000)
    return UnixTime(nanoseconds: time.nanoseconds.saturatedSum(nanoseconds))
  }

  /// The duration from this time to `later`; negative if `later` is earlier.
  package func duration(to later: UnixTime) -> Duration {
    .nanoseconds(later.nanoseconds.saturatedDifference(nanoseconds))
  }

  /// `2026-11-24T12:30:00.123Z`
  package var iso8601: String {
    let remainder = nanoseconds % 1_000_000_000
    let fraction = remainder < 0 ? remainder + 1_000_000_000 : remainder
    let milliseconds = String(fraction / 1_000_000)
    let padding = String(repeating: "0", count: 3 - milliseconds.utf8.count)
    return formatted("%Y-%m-%dT%H:%M:%S") + ".\(padding)\(milliseconds)Z"
  }

  /// `20261124T123000Z`, the format that AWS signatures use and that run names begin with.
  package var basic: String { formatted("%Y%m%dT%H%M%SZ") }

  /// `2026-11-24`
  package var date: String { formatted("%Y-%m-%d") }

  /// Parses `2026-11-24T12:30:00Z`, with or without a fraction of a second, to the millisecond; nil for other formats.
  package init?(iso8601 text: String) {
    let forms = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
    guard let date = forms.lazy.compactMap({ try? $0.parse(text) }).first else { return nil }
    let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
    guard milliseconds.magnitude < 9.2e12 else { return nil }
    self.init(milliseconds: Int64(milliseconds))
    // ISO8601FormatStyle ignores unknown text at the end, so the rest of the text is checked here.
    let fraction = text.dropFirst(19).dropLast()
    let isFraction =
      fraction.isEmpty || (fraction.first == "." && fraction.dropFirst().allSatisfy(\.isNumber))
    guard formatted("%Y-%m-%dT%H:%M:%S") == text.prefix(19), text.last == "Z", isFraction else { return nil }
  }

  private func formatted(_ format: String) -> String {
    // Rounded down, also before 1970.
    var seconds = time_t(nanoseconds / 1_000_000_000 - (nanoseconds % 1_000_000_000 < 0 ? 1 : 0))
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      let count = strftime(start, buffer.count, format, &parts)
      return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
  }
}
