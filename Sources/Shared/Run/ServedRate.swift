/// How many requests were served of late, the silences that the server asked for left out.
struct ServedRate: Sendable {
  /// What the last seconds held.
  struct Recent {
    let answers: Int
    let perSecond: Double
  }

  /// Seconds that are looked at.
  private static let window = 3.0
  /// Seconds after the start for which a count is no rate yet.
  private static let secondsMin = 0.1

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

  mutating func recent(at now: ContinuousClock.Instant) -> Recent {
    forget(now)
    let answers = times.count - first
    return Recent(
      answers: answers,
      perSecond: Double(answers) / min(max(active(now), Self.secondsMin), Self.window))
  }

  private func active(_ now: ContinuousClock.Instant) -> Double {
    max(0, (start.duration(to: now) - paused).inSeconds)
  }

  private mutating func forget(_ now: ContinuousClock.Instant) {
    let oldest = active(now) - Self.window
    while first < times.count, times[first] < oldest { first += 1 }
    guard first > 1024 else { return }
    times.removeFirst(first)
    first = 0
  }
}
