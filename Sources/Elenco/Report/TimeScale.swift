import Shared

/// The horizontal axis of the page's pictures: time from the first session of a run to the last. Long stretches in which
/// no worker was active, as before a replay days later, are cut out.
struct TimeScale: Equatable, Sendable {
  /// Seconds since 1970.
  typealias Interval = ClosedRange<Double>

  /// A stretch in which workers were active, and where it is on the axis.
  struct Stretch: Equatable, Sendable {
    let time: Interval
    /// Between 0 and `width`.
    let place: Interval
  }

  /// The length of the axis.
  static let width = 1000.0
  /// The part of the axis between two stretches.
  static let gapWidth = 24.0
  /// An idle time is cut out if it is longer than this and than `cutShare` of the time in which workers were active.
  private static let cutSeconds = 900.0
  private static let cutShare = 0.1
  /// Maximum number of stretches. The shortest idle times stay when there are more.
  private static let stretchesMax = 8

  let stretches: [Stretch]
  /// Seconds that one unit of the axis stands for.
  let secondsPerUnit: Double

  /// - Parameter intervals: the sessions of all shards, in any order.
  init(_ intervals: [Interval]) {
    var merged = Self.merged(intervals, gap: 0)
    if merged.isEmpty { merged = [0...1] }
    let active = merged.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
    let cut = max(Self.cutSeconds, active * Self.cutShare)
    let idle = zip(merged, merged.dropFirst()).map { $1.lowerBound - $0.upperBound }
    let longest = idle.sorted(by: >).prefix(Self.stretchesMax - 1).last ?? 0
    var kept = [merged[0]]
    for (pause, next) in zip(idle, merged.dropFirst()) {
      if pause > cut, pause >= longest, kept.count < Self.stretchesMax {
        kept.append(next)
      } else {
        kept[kept.count - 1] = kept[kept.count - 1].lowerBound...next.upperBound
      }
    }
    let seconds = max(1, kept.reduce(0) { $0 + $1.upperBound - $1.lowerBound })
    let unit = seconds / (Self.width - Self.gapWidth * Double(kept.count - 1))
    var place = 0.0
    stretches = kept.map { time in
      let end = place + (time.upperBound - time.lowerBound) / unit
      defer { place = end + Self.gapWidth }
      return Stretch(time: time, place: place...end)
    }
    secondsPerUnit = unit
  }

  /// Joins intervals that overlap, or that are at most `gap` apart.
  /// - Returns: the joined intervals, in order.
  static func merged(_ intervals: [Interval], gap: Double) -> [Interval] {
    var merged: [Interval] = []
    for interval in intervals.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, interval.lowerBound <= last.upperBound + gap {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, interval.upperBound)
      } else {
        merged.append(interval)
      }
    }
    return merged
  }

  var start: Double { stretches[0].time.lowerBound }
  var end: Double { stretches[stretches.count - 1].time.upperBound }

  /// The time that the axis shows, without what is cut out.
  var seconds: Double { stretches.reduce(0) { $0 + $1.time.upperBound - $1.time.lowerBound } }

  /// The place of a time on the axis. A time that is cut out is at the end of the stretch before.
  func place(_ time: Double) -> Double {
    let stretch = stretches.last { $0.time.lowerBound <= time } ?? stretches[0]
    let offset = (time - stretch.time.lowerBound) / secondsPerUnit
    return min(max(stretch.place.lowerBound + offset, stretch.place.lowerBound), stretch.place.upperBound)
  }

  /// The time of a place on the axis.
  func time(_ place: Double) -> Double {
    let stretch = stretches.last { $0.place.lowerBound <= place } ?? stretches[0]
    let offset = (place - stretch.place.lowerBound) * secondsPerUnit
    return min(stretch.time.lowerBound + max(0, offset), stretch.time.upperBound)
  }

  /// The time that a part of the axis shows, without what is cut out.
  func seconds(from start: Double, to end: Double) -> Double {
    stretches.reduce(0) { $0 + max(0, min(end, $1.place.upperBound) - max(start, $1.place.lowerBound)) }
      * secondsPerUnit
  }

  /// The idle times that are cut out, and where on the axis.
  var cuts: [(place: Double, seconds: Double)] {
    zip(stretches, stretches.dropFirst()).map { before, after in
      (
        (before.place.upperBound + after.place.lowerBound) / 2,
        after.time.lowerBound - before.time.upperBound
      )
    }
  }

  /// Round times for the axis's labels, in UTC.
  func ticks(about count: Int = 6) -> [(place: Double, label: String)] {
    let steps: [Double] = [
      1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    ]
    let wanted = seconds / Double(max(1, count))
    let step = steps.first { $0 >= wanted } ?? max(86_400, (wanted / 86_400).rounded(.up) * 86_400)
    var found: [(place: Double, label: String)] = []
    for stretch in stretches {
      var time = (stretch.time.lowerBound / step).rounded(.up) * step
      while time <= stretch.time.upperBound, found.count < 40 {
        found.append((place(time), Self.clock(time, withSeconds: step < 60)))
        time += step
      }
    }
    return found
  }

  /// `03:10`, or `03:10:30`
  static func clock(_ time: Double, withSeconds: Bool) -> String {
    let text = UnixTime(seconds: seconds(time)).iso8601
    return String(text.dropFirst(11).prefix(withSeconds ? 8 : 5))
  }

  /// `2026-11-24 03:10:30`
  static func dateAndClock(_ time: Double) -> String {
    let text = UnixTime(seconds: seconds(time)).iso8601
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
  }

  private static func seconds(_ time: Double) -> Int64 { Int64(min(max(time, 0), 9e9)) }
}

extension UnixTime {
  /// Seconds since 1970, with a fraction.
  var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
