/// How a shard's requests to TMDB went over time, in a bounded number of buckets, and the sessions in which workers
/// worked on the shard. Each hop continues the series of the hop before, so that the last report has all of it.
package struct ShardSeries: Equatable, Sendable {
  /// When there are more buckets, two neighbours become one of twice the width.
  package static let bucketsMax = 120
  /// When there are more sessions, the two with the shortest pause between them become one.
  package static let sessionsMax = 40

  /// How a session ended.
  package enum Ending: String, Codable, Sendable {
    case complete
    /// Some films failed.
    case incomplete
    /// Time was short, and the next hop continued.
    case handedOver
    /// The worker could not continue; the report gives the reason.
    case stopped
    /// The worker did not renew its lease, and another one took the shard.
    case died
    /// The run was cancelled or replaced.
    case interrupted
  }

  /// The time from when a worker acquired the shard's lease until it gave it up.
  package struct Session: Codable, Equatable, Sendable {
    package let hop: Int
    /// `2026-11-24T03:00:00.000Z`
    package let startedAt: String
    /// Until the end; without an end, until the last renewal of the lease.
    package var seconds: Double
    /// Nil if the worker is still active, or has died and no other worker has taken the shard yet.
    package var end: Ending?
    /// Number of sessions that this entry stands for.
    package var count = 1

    package init(hop: Int, startedAt: String, seconds: Double, end: Ending?, count: Int = 1) {
      self.hop = hop
      self.startedAt = startedAt
      self.seconds = seconds
      self.end = end
      self.count = count
    }
  }

  /// What happened during `bucketSeconds`. Buckets in which nothing happened are left out.
  package struct Bucket: Equatable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z, divided by `bucketSeconds`.
    package fileprivate(set) var index: Int
    /// Requests sent to TMDB, retries included.
    package var sent = 0
    /// Responses with status 429.
    package var throttled = 0
    package var retried = 0
    /// Films that got an outcome: credits, absent or failed.
    package var films = 0
    package var responses = 0
    /// The sum of the response times.
    package var responseMilliseconds = 0
    package var slowestMilliseconds = 0
    /// How long TMDB asked for no requests, from this bucket on. Overlapping waits count once.
    package var pausedMilliseconds = 0

    package init(index: Int) { self.index = index }

    fileprivate mutating func add(_ other: Bucket) {
      for column in ShardSeries.columns where column != \.slowestMilliseconds {
        self[keyPath: column] += other[keyPath: column]
      }
      slowestMilliseconds = max(slowestMilliseconds, other.slowestMilliseconds)
    }
  }

  /// Seconds per bucket.
  package private(set) var bucketSeconds = 1
  /// In the order of time.
  package private(set) var buckets: [Bucket] = []
  package private(set) var sessions: [Session] = []

  /// The numbers of a bucket, in the order of their names in the JSON.
  static var columns: [WritableKeyPath<Bucket, Int>] {
    [
      \.sent, \.throttled, \.retried, \.films, \.responses, \.responseMilliseconds, \.slowestMilliseconds,
      \.pausedMilliseconds,
    ]
  }

  package init() {}

  /// The series of the last session alone, without anything that was recorded.
  package var withoutHistory: ShardSeries {
    var series = ShardSeries()
    series.sessions = sessions.suffix(1)
    return series
  }

  // MARK: - Buckets

  /// Changes the bucket of a time. A time before the newest bucket, as of a machine whose clock is behind, counts as in
  /// that bucket.
  package mutating func record(atSecond second: Int, _ change: (inout Bucket) -> Void) {
    var index = second / bucketSeconds
    if let last = buckets.last, index <= last.index {
      change(&buckets[buckets.count - 1])
      return
    }
    while buckets.count >= Self.bucketsMax {
      halve()
      index = second / bucketSeconds
    }
    if index != buckets.last?.index { buckets.append(Bucket(index: index)) }
    change(&buckets[buckets.count - 1])
  }

  /// Doubles the width of the buckets.
  private mutating func halve() {
    bucketSeconds *= 2
    var wider: [Bucket] = []
    wider.reserveCapacity(Self.bucketsMax)
    for var bucket in buckets {
      bucket.index /= 2
      if wider.last?.index == bucket.index {
        wider[wider.count - 1].add(bucket)
      } else {
        wider.append(bucket)
      }
    }
    buckets = wider
  }

  // MARK: - Sessions

  /// - Parameter previousWasActive: whether the worker before held the lease until it expired.
  package mutating func beginSession(hop: Int, at time: UnixTime, previousWasActive: Bool) {
    if let last = sessions.last, last.end == nil {
      sessions[sessions.count - 1].end = previousWasActive ? .died : .interrupted
    }
    sessions.append(Session(hop: hop, startedAt: time.iso8601, seconds: 0, end: nil))
    if sessions.count > Self.sessionsMax { mergeClosest() }
  }

  /// Records that the last session lasts until `time` at least.
  package mutating func extendSession(to time: UnixTime) {
    guard let last = sessions.last, last.end == nil, let start = UnixTime(iso8601: last.startedAt) else {
      return
    }
    sessions[sessions.count - 1].seconds = max(last.seconds, start.duration(to: time).inSeconds)
  }

  package mutating func endSession(at time: UnixTime, _ end: Ending) {
    guard let last = sessions.last, last.end == nil else { return }
    extendSession(to: time)
    sessions[sessions.count - 1].end = end
  }

  /// Makes one session of two neighbours. Two hops of which the second continued the first come before all others.
  private mutating func mergeClosest() {
    let starts = sessions.map { UnixTime(iso8601: $0.startedAt) ?? UnixTime(seconds: 0) }
    let costs = (0..<sessions.count - 1).map { position in
      let (end, next) = (starts[position] + .seconds(sessions[position].seconds), starts[position + 1])
      let pause = max(0, end.duration(to: next).inSeconds)
      return sessions[position].end == .handedOver ? pause : pause + 1e9
    }
    guard let position = costs.indices.min(by: { costs[$0] < costs[$1] }) else { return }
    let (first, second) = (sessions[position], sessions[position + 1])
    let seconds = starts[position].duration(to: starts[position + 1]).inSeconds + second.seconds
    sessions[position] = Session(
      hop: second.hop, startedAt: first.startedAt, seconds: max(first.seconds, seconds), end: second.end,
      count: first.count.saturatedSum(second.count))
    sessions.remove(at: position + 1)
  }
}

// MARK: - JSON

/// In JSON each number of the buckets is one string with the numbers of all buckets, separated by spaces, because a
/// thousand arrays take a worker that reads all reports of a run a hundred times as long to decode. `at` has the index
/// of the first bucket, and from then on the distance to the bucket before. A column of zeros is left out.
extension ShardSeries: Codable {
  private struct Stored: Codable {
    var bucketSeconds: Int
    var at: String?
    var sent: String?
    var throttled: String?
    var retried: String?
    var films: String?
    var responses: String?
    var responseMilliseconds: String?
    var slowestMilliseconds: String?
    var pausedMilliseconds: String?
    var sessions: [Session]

    /// In the order of `ShardSeries.columns`.
    static var columns: [WritableKeyPath<Stored, String?>] {
      [
        \.sent, \.throttled, \.retried, \.films, \.responses, \.responseMilliseconds, \.slowestMilliseconds,
        \.pausedMilliseconds,
      ]
    }
  }

  /// The largest number that is read. The sum of all buckets of all shards of a run is within the range of `Int`.
  private static let numberMax = 1_000_000_000_000

  package func encode(to encoder: any Encoder) throws {
    var stored = Stored(bucketSeconds: bucketSeconds, sessions: sessions)
    let indexes = buckets.map(\.index)
    if !buckets.isEmpty {
      stored.at = Self.text(zip(indexes, [0] + indexes).map { $0 - $1 })
      for (column, text) in zip(Self.columns, Stored.columns) {
        let numbers = buckets.map { $0[keyPath: column] }
        if numbers.contains(where: { $0 != 0 }) { stored[keyPath: text] = Self.text(numbers) }
      }
    }
    try stored.encode(to: encoder)
  }

  /// Reads what was encoded. Anything else is an empty series: a report and a lease count without it.
  package init(from decoder: any Decoder) throws {
    guard let stored = try? Stored(from: decoder), (1...Self.numberMax).contains(stored.bucketSeconds),
      stored.sessions.count <= Self.sessionsMax, stored.sessions.allSatisfy(\.isValid)
    else { return }
    sessions = stored.sessions
    guard let distances = stored.at.flatMap(Self.numbers), distances.count <= Self.bucketsMax,
      distances.dropFirst().allSatisfy({ $0 > 0 })
    else { return }
    var read: [Bucket] = []
    for distance in distances { read.append(Bucket(index: (read.last?.index ?? 0) + distance)) }
    for (column, text) in zip(Self.columns, Stored.columns) {
      guard let text = stored[keyPath: text] else { continue }
      guard let numbers = Self.numbers(text), numbers.count == read.count else { return }
      for (position, number) in numbers.enumerated() { read[position][keyPath: column] = number }
    }
    (bucketSeconds, buckets) = (stored.bucketSeconds, read)
  }

  private static func text(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: " ") }

  /// - Returns: nil if the text is not a list of numbers from 0 to `numberMax`.
  private static func numbers(_ text: String) -> [Int]? {
    var (numbers, number) = ([Int](), Int?.none)
    for byte in text.utf8 {
      if byte == UInt8(ascii: " ") {
        guard let complete = number else { return nil }
        numbers.append(complete)
        number = nil
      } else {
        guard (48...57).contains(byte) else { return nil }
        let next = (number ?? 0) * 10 + Int(byte - 48)
        guard next <= numberMax else { return nil }
        number = next
      }
    }
    guard let number else { return nil }
    return numbers + [number]
  }
}

extension ShardSeries.Session {
  fileprivate var isValid: Bool {
    hop >= 0 && count > 0 && seconds >= 0 && seconds < 1e9 && UnixTime(iso8601: startedAt) != nil
  }
}
