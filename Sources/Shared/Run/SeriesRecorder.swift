/// Records a shard's requests into its series. Times are of a monotonic clock, which the calendar time at the start turns
/// into calendar times.
package struct SeriesRecorder: Sendable {
  private var recorded: ShardSeries
  private let start: ContinuousClock.Instant
  private let startDate: UnixTime
  /// Until then, TMDB has asked for no requests.
  private var pausedUntil: ContinuousClock.Instant

  package init(_ series: ShardSeries, now: ContinuousClock.Instant, date: UnixTime) {
    recorded = series
    (start, startDate, pausedUntil) = (now, date, now)
  }

  /// The series so far.
  package func series(at now: ContinuousClock.Instant) -> ShardSeries {
    var series = recorded
    series.extendSession(to: startDate + start.duration(to: now))
    return series
  }

  package mutating func noteSent(at now: ContinuousClock.Instant) { record(at: now) { $0.sent += 1 } }

  package mutating func noteRetry(at now: ContinuousClock.Instant) { record(at: now) { $0.retried += 1 } }

  /// To be called when a film got an outcome.
  package mutating func noteFilm(at now: ContinuousClock.Instant) { record(at: now) { $0.films += 1 } }

  package mutating func noteResponse(at now: ContinuousClock.Instant, seconds: Double) {
    let milliseconds = Self.milliseconds(seconds)
    record(at: now) { bucket in
      bucket.responses += 1
      bucket.responseMilliseconds += milliseconds
      bucket.slowestMilliseconds = max(bucket.slowestMilliseconds, milliseconds)
    }
  }

  /// - Parameter wait: how long TMDB asked for no requests.
  package mutating func noteRefused(at now: ContinuousClock.Instant, isThrottled: Bool, wait: Duration) {
    let pauseStart = max(now, pausedUntil)
    pausedUntil = max(pausedUntil, now + wait)
    let paused = Self.milliseconds(pauseStart.duration(to: pausedUntil).inSeconds)
    record(at: now) { bucket in
      if isThrottled { bucket.throttled += 1 }
      bucket.pausedMilliseconds += paused
    }
  }

  private mutating func record(
    at now: ContinuousClock.Instant, _ change: (inout ShardSeries.Bucket) -> Void
  ) {
    let second = (startDate + start.duration(to: now)).nanoseconds / 1_000_000_000
    recorded.record(atSecond: max(0, Int(second)), change)
  }

  private static func milliseconds(_ seconds: Double) -> Int {
    Int((min(max(seconds, 0), 1e9) * 1000).rounded())
  }
}
