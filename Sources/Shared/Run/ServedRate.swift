/// How many requests a second were served of late, times when nothing was sent left out.
struct ServedRate: Sendable {
  /// Seconds that are looked at; more of them when they hold too few answers to count by.
  private static let window = 3.0
  private static let windowMax = 12.0
  private static let answersMin = 16

  private let start: ContinuousClock.Instant
  private var paused = Duration.zero
  /// Times of answers in seconds, less the pauses before them; those before `first` are forgotten.
  private var times: [Double] = []
  private var first = 0

  init(since start: ContinuousClock.Instant) { self.start = start }

  mutating func note(at now: ContinuousClock.Instant) {
    times.append(active(now))
    forget(now)
  }

  /// - Parameter start: not before the end of the pause before.
  mutating func pause(from start: ContinuousClock.Instant, until end: ContinuousClock.Instant) {
    paused += start.duration(to: end)
  }

  mutating func perSecond(at now: ContinuousClock.Instant) -> Double {
    forget(now)
    let active = max(active(now), 0.1)
    let recent = times[first...].count { $0 >= active - Self.window }
    if recent >= Self.answersMin || active <= Self.window { return Double(recent) / min(active, Self.window) }
    let last = times[first...].suffix(Self.answersMin)
    guard let oldest = last.first else { return 0 }
    return Double(last.count) / max(active - oldest, Self.window)
  }

  private func active(_ now: ContinuousClock.Instant) -> Double {
    max(0, (start.duration(to: now) - paused).inSeconds)
  }

  private mutating func forget(_ now: ContinuousClock.Instant) {
    let oldest = active(now) - Self.windowMax
    while first < times.count, times[first] < oldest { first += 1 }
    guard first > 1024 else { return }
    times.removeFirst(first)
    first = 0
  }
}
