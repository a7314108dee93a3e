/// The rate of recently served requests, excluding pauses that the server requested.
struct ServedRate: Sendable {
  /// The responses in the last seconds, and their rate.
  struct Recent {
    let responses: Int
    let perSecond: Double
  }

  /// Length of the window that is counted, in seconds.
  private static let window = 3.0
  /// The shortest time, in seconds, that a count is divided by: right after the start a rate would be too high.
  private static let secondsMin = 0.1

  private let start: ContinuousClock.Instant
  /// The sum of all pauses.
  private var paused = Duration.zero
  /// Times of responses in seconds since the start, without the pauses before them. Those before index `first` are no
  /// longer counted.
  private var times: [Double] = []
  private var first = 0

  init(since start: ContinuousClock.Instant) { self.start = start }

  /// Records a response.
  mutating func record(at now: ContinuousClock.Instant) {
    times.append(activeSeconds(now))
    removeOld(now)
  }

  /// Records a pause.
  /// - Parameter start: not before the end of the previous pause.
  mutating func pause(from start: ContinuousClock.Instant, until end: ContinuousClock.Instant) {
    paused += start.duration(to: end)
  }

  mutating func recent(at now: ContinuousClock.Instant) -> Recent {
    removeOld(now)
    let responses = times.count - first
    return Recent(
      responses: responses,
      perSecond: Double(responses) / min(max(activeSeconds(now), Self.secondsMin), Self.window))
  }

  /// Seconds since the start, without pauses.
  private func activeSeconds(_ now: ContinuousClock.Instant) -> Double {
    max(0, (start.duration(to: now) - paused).inSeconds)
  }

  private mutating func removeOld(_ now: ContinuousClock.Instant) {
    let oldest = activeSeconds(now) - Self.window
    while first < times.count, times[first] < oldest { first += 1 }
    guard first > 1024 else { return }
    times.removeFirst(first)
    first = 0
  }
}
