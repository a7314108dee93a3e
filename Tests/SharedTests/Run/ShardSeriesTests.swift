import TestSupport
import Testing

@testable import Shared

@Suite("Shard series") struct ShardSeriesTests {
  private static let start = UnixTime(seconds: 1_795_489_200)

  /// The numbers of a bucket, in the order of `ShardSeries.columns`.
  private static func numbers(_ bucket: ShardSeries.Bucket) -> [Int] {
    ShardSeries.columns.map { bucket[keyPath: $0] }
  }

  @Test(
    "however long a shard takes, there are at most 120 buckets, and each event is in the bucket of its time",
    arguments: [10, 119, 120, 121, 1000, 40_000])
  func bounds(seconds: Int) {
    var random = SeededRandom(seed: RandomSeed.value)
    var series = ShardSeries()
    var events: [(second: Int, milliseconds: Int)] = []
    var second = 1_795_489_200
    for _ in 0..<2000 {
      second += Int.random(in: 0...max(1, seconds / 1000), using: &random)
      let milliseconds = Int.random(in: 0...1000, using: &random)
      events.append((second, milliseconds))
      series.record(atSecond: second) { bucket in
        bucket.sent += 1
        bucket.responseMilliseconds += milliseconds
        bucket.slowestMilliseconds = max(bucket.slowestMilliseconds, milliseconds)
      }
    }
    #expect(series.buckets.count <= ShardSeries.bucketsMax)
    let expected = Dictionary(grouping: events) { $0.second / series.bucketSeconds }
    #expect(series.buckets.map(\.index) == expected.keys.sorted())
    for bucket in series.buckets {
      let events = expected[bucket.index] ?? []
      #expect(bucket.sent == events.count)
      #expect(bucket.responseMilliseconds == events.map(\.milliseconds).reduce(0, +))
      #expect(bucket.slowestMilliseconds == events.map(\.milliseconds).max())
    }
    // No wider than needed: at half the width there were too many.
    if series.bucketSeconds > 1 {
      #expect(Set(events.map { $0.second / (series.bucketSeconds / 2) }).count > ShardSeries.bucketsMax)
    }
  }

  @Test("a pause of days between two sessions does not widen the buckets")
  func pause() {
    var series = ShardSeries()
    for second in Array(0..<60) + Array(600_000..<600_060) {
      series.record(atSecond: second) { $0.films += 1 }
    }
    #expect(series.bucketSeconds == 1 && series.buckets.count == 120)
  }

  @Test("a time before the newest bucket, by another machine's clock, counts as in that bucket")
  func clockBehind() {
    var series = ShardSeries()
    for second in [100, 101, 99] { series.record(atSecond: second) { $0.sent += 1 } }
    #expect(series.buckets.map(\.index) == [100, 101] && series.buckets.map(\.sent) == [1, 2])
  }

  @Test("the JSON has a string of numbers per column, without the columns of zeros, and is read again")
  func json() throws {
    var series = ShardSeries()
    series.beginSession(hop: 0, at: Self.start, previousWasActive: false)
    series.record(atSecond: 1_795_489_201) { $0.sent = 3 }
    series.record(atSecond: 1_795_489_204) { ($0.sent, $0.throttled) = (12, 1) }
    series.endSession(at: Self.start + .milliseconds(4500), .complete)
    let text = String(decoding: try JSONText.encode(series), as: UTF8.self)
    let expected =
      #"{"at":"1795489201 3","bucketSeconds":1,"sent":"3 12","sessions":[{"count":1,"end":"complete","hop":0,"#
      + #""seconds":4.5,"startedAt":"2026-11-24T03:00:00.000Z"}],"throttled":"0 1"}"#
    #expect(text == expected)
    #expect(try JSONText.decode(ShardSeries.self, from: Array(text.utf8)) == series)
    #expect(
      String(decoding: try JSONText.encode(ShardSeries()), as: UTF8.self)
        == #"{"bucketSeconds":1,"sessions":[]}"#)
  }

  @Test(
    "what is not a series is read as an empty one, so that a report or a lease with it still counts",
    arguments: [
      "5", "[]", "{}", #""text""#, #"{"bucketSeconds":0,"sessions":[]}"#,
      #"{"bucketSeconds":1,"sessions":[],"at":"1 0"}"#, #"{"bucketSeconds":1,"sessions":[],"at":"5 -1"}"#,
      #"{"bucketSeconds":1,"sessions":[],"at":"1 1","sent":"1"}"#,
      #"{"bucketSeconds":1,"sessions":[],"at":"1","sent":"x"}"#,
      #"{"bucketSeconds":1,"sessions":[],"at":"1","sent":"9999999999999999999999"}"#,
      #"{"bucketSeconds":1,"sessions":[],"at":"1 ","sent":"1"}"#,
      #"{"bucketSeconds":1,"sessions":[{"hop":0,"count":0,"seconds":1,"startedAt":"2026-11-24T03:00:00Z"}]}"#,
      #"{"bucketSeconds":1,"sessions":[{"hop":0,"count":1,"seconds":1,"startedAt":"yesterday"}]}"#,
      #"{"bucketSeconds":1,"sessions":[],"at":"\#(Array(repeating: "1", count: 121).joined(separator: " "))"}"#,
    ])
  func invalid(text: String) throws {
    #expect(try JSONText.decode(ShardSeries.self, from: Array(text.utf8)) == ShardSeries())
  }

  @Test("a session without an end ends when the next one begins: the worker died, or the run was interrupted")
  func endings() {
    var series = ShardSeries()
    series.beginSession(hop: 0, at: Self.start, previousWasActive: false)
    series.extendSession(to: Self.start + .seconds(40))
    series.beginSession(hop: 0, at: Self.start + .seconds(100), previousWasActive: true)
    series.beginSession(hop: 0, at: Self.start + .seconds(200), previousWasActive: false)
    series.endSession(at: Self.start + .seconds(230), .handedOver)
    series.endSession(at: Self.start + .seconds(999), .complete)
    series.beginSession(hop: 1, at: Self.start + .seconds(231), previousWasActive: false)
    #expect(series.sessions.map(\.end) == [.died, .interrupted, .handedOver, nil])
    #expect(series.sessions.map(\.seconds) == [40, 0, 30, 0])
    #expect(series.withoutHistory.sessions == series.sessions.suffix(1))
  }

  @Test("of many sessions at most 40 remain, hops are merged first, and the time from first to last is kept")
  func manySessions() throws {
    var series = ShardSeries()
    let died = [7, 500]
    for hop in 0..<1000 {
      let start = Self.start + .seconds(hop * 100)
      series.beginSession(hop: hop, at: start, previousWasActive: true)
      if !died.contains(hop) { series.endSession(at: start + .seconds(99), .handedOver) }
    }
    #expect(series.sessions.count == ShardSeries.sessionsMax)
    #expect(series.sessions.total(\.count) == 1000)
    #expect(series.sessions.count { $0.end == .died } == 2)
    let last = try #require(series.sessions.last)
    #expect(series.sessions.first?.startedAt == Self.start.iso8601 && last.hop == 999)
    let end = try #require(UnixTime(iso8601: last.startedAt)) + .seconds(last.seconds)
    #expect(end == Self.start + .seconds(99_999))
  }

  @Test("waits that TMDB asks for at the same time count once")
  func recorder() {
    let now = ContinuousClock.now
    var recorder = SeriesRecorder(ShardSeries(), now: now, date: Self.start)
    recorder.noteSent(at: now)
    recorder.noteRefused(at: now, isThrottled: true, wait: .seconds(10))
    recorder.noteRefused(at: now + .seconds(4), isThrottled: false, wait: .seconds(8))
    recorder.noteRefused(at: now + .seconds(20), isThrottled: true, wait: .zero)
    recorder.noteResponse(at: now + .seconds(21), seconds: 0.25)
    recorder.noteResponse(at: now + .milliseconds(21_999), seconds: 0.75)
    recorder.noteFilm(at: now + .seconds(22))
    recorder.noteRetry(at: now + .seconds(22))
    let buckets = recorder.series(at: now + .seconds(30)).buckets
    #expect(buckets.map { $0.index - 1_795_489_200 } == [0, 4, 20, 21, 22])
    #expect(
      buckets.map(Self.numbers) == [
        [1, 1, 0, 0, 0, 0, 0, 10_000], [0, 0, 0, 0, 0, 0, 0, 2000], [0, 1, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 2, 1000, 750, 0], [0, 0, 1, 1, 0, 0, 0, 0],
      ])
  }
}
