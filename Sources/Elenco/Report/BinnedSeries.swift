import Shared

/// The series of several shards, added up over equal parts of the page's time axis.
struct BinnedSeries: Sendable {
  private(set) var sent: [Double]
  private(set) var throttled: [Double]
  private(set) var films: [Double]
  private(set) var responses: [Double]
  private(set) var responseMilliseconds: [Double]
  private(set) var slowestMilliseconds: [Double]
  /// The mean number of sessions at a time.
  private(set) var active: [Double]
  /// Seconds that one bin stands for.
  let binSeconds: Double

  /// - Parameter binsMax: the number of bins; fewer if the run was so short that the series has fewer buckets.
  init(_ shards: some Sequence<ShardHistory>, _ scale: TimeScale, binsMax: Int) {
    let shards = Array(shards)
    let bucketSeconds = shards.map(\.series.bucketSeconds).max() ?? 1
    let bins = min(binsMax, max(1, Int(min(scale.seconds / Double(bucketSeconds), 1e6).rounded(.up))))
    let zeros = [Double](repeating: 0, count: bins)
    (sent, throttled, films, responses) = (zeros, zeros, zeros, zeros)
    (responseMilliseconds, slowestMilliseconds, active) = (zeros, zeros, zeros)
    binSeconds = TimeScale.width / Double(bins) * scale.secondsPerUnit
    for shard in shards { add(shard, scale) }
  }

  var count: Int { sent.count }

  /// The left end of a bin on the axis.
  func place(_ bin: Int) -> Double { TimeScale.width * Double(bin) / Double(count) }

  private mutating func add(_ shard: ShardHistory, _ scale: TimeScale) {
    let (first, last) = (shard.sessions.first?.time.lowerBound, shard.sessions.last?.time.upperBound)
    for session in shard.sessions {
      addActivity(scale.place(session.time.lowerBound), scale.place(session.time.upperBound))
    }
    let width = Double(shard.series.bucketSeconds)
    for bucket in shard.series.buckets {
      let start = Double(bucket.index) * width
      // A worker's session may begin and end within a bucket.
      let from = max(start, min(first ?? start, start + width))
      let to = max(from, min(start + width, last ?? .infinity))
      spread(bucket, over: scale.place(from)...max(scale.place(from), scale.place(to)))
    }
  }

  private mutating func addActivity(_ from: Double, _ to: Double) {
    let binWidth = TimeScale.width / Double(count)
    for bin in min(count - 1, Int(from / binWidth))...min(count - 1, Int(to / binWidth)) {
      active[bin] +=
        max(0, min(to, Double(bin + 1) * binWidth) - max(from, Double(bin) * binWidth)) / binWidth
    }
  }

  /// Adds a bucket's numbers to the bins that it overlaps, in proportion.
  private mutating func spread(_ bucket: ShardSeries.Bucket, over place: TimeScale.Interval) {
    let binWidth = TimeScale.width / Double(count)
    // A bucket that ends where a bin begins, but for an error of rounding, has no part in it.
    let first = min(count - 1, Int(place.lowerBound / binWidth + 1e-6))
    let last = max(first, min(count - 1, Int((place.upperBound / binWidth - 1e-6).rounded(.up)) - 1))
    let length = place.upperBound - place.lowerBound
    for bin in first...last {
      let overlap =
        min(place.upperBound, Double(bin + 1) * binWidth) - max(place.lowerBound, Double(bin) * binWidth)
      let share = first == last ? 1 : max(0, overlap / length)
      sent[bin] += Double(bucket.sent) * share
      throttled[bin] += Double(bucket.throttled) * share
      films[bin] += Double(bucket.films) * share
      responses[bin] += Double(bucket.responses) * share
      responseMilliseconds[bin] += Double(bucket.responseMilliseconds) * share
      slowestMilliseconds[bin] = max(slowestMilliseconds[bin], Double(bucket.slowestMilliseconds))
    }
  }
}
