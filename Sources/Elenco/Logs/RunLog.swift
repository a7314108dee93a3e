import Shared

/// Selects the lines of a run from those of its functions, without any I/O.
///
/// Elenco's lines name their run, but the first line of an invocation, an error that ends it and Lambda's own lines have
/// only a request id, and the last words of a program that crashed not even that. They count as the run's if another
/// line of the same request does. A stream has one invocation after the other, so a line without an id belongs to the
/// invocation before it.
struct RunLog {
  let run: RunName
  /// Only this shard's lines; nil for all.
  let shard: Int?
  private var streams: [Key: Stream] = [:]
  /// The number of lines that are kept.
  private(set) var count = 0

  private struct Key: Hashable {
    let source: LogLine.Source
    let name: String
  }

  private struct Stream {
    /// In the order of the service.
    var events: [LogsClient.Event] = []
    var lines: [LogLine] = []
    /// How many of these lines have been taken, as a set of their positions.
    var taken: Set<Int> = []
    var hasChanged = false
  }

  init(run: RunName, shard: Int?) { (self.run, self.shard) = (run, shard) }

  /// The filter pattern of the lines that name the run, and the shard (CloudWatch Logs User Guide, "Filter pattern
  /// syntax"). A run's name has no characters that the pattern interprets.
  var pattern: String {
    let named = "{ $.run = \"\(run)\" }"
    return shard.map { "{ ($.run = \"\(run)\") && ($.shard = \($0)) }" } ?? named
  }

  /// Whether a line names the run, and the shard. Filters again what the service has filtered, because a local cloud
  /// ignores patterns for JSON.
  func isNamed(in line: LogLine) -> Bool {
    line.run == run.description && (shard == nil || line.shard == shard)
  }

  /// Adds lines of a function's stream.
  /// - Parameter events: all lines of the stream from some time on, in order. What was added earlier from that time on is
  ///   replaced.
  mutating func add(_ events: [LogsClient.Event], stream name: String, source: LogLine.Source) {
    guard let start = events.first?.time else { return }
    let key = Key(source: source, name: name)
    var stream = streams[key] ?? Stream()
    let kept = stream.events.firstIndex { $0.time >= start } ?? stream.events.count
    let known = Array(stream.events[kept...])
    guard known != events else { return }
    // A line that arrived late moves those behind it. Their positions are found again by their content.
    var positions = Dictionary(grouping: kept..<stream.events.count) { Content(stream.events[$0]) }
    var taken = stream.taken.filter { $0 < kept }
    for (offset, event) in events.enumerated() {
      guard var old = positions[Content(event)], !old.isEmpty else { continue }
      if stream.taken.contains(old.removeFirst()) { taken.insert(kept + offset) }
      positions[Content(event)] = old
    }
    count += events.count - known.count
    stream.events.replaceSubrange(kept..., with: events)
    stream.lines.replaceSubrange(kept..., with: events.map { LogLine($0, source: source) })
    (stream.taken, stream.hasChanged) = (taken, true)
    streams[key] = stream
  }

  private struct Content: Hashable {
    let nanoseconds: Int64
    let message: String

    init(_ event: LogsClient.Event) { (nanoseconds, message) = (event.time.nanoseconds, event.message) }
  }

  /// Returns the run's lines that have not been returned yet, in the order of their times.
  mutating func takeNew() -> [LogLine] {
    var new: [(time: UnixTime, line: LogLine)] = []
    for key in streams.keys.sorted(by: { ($0.source.rawValue, $0.name) < ($1.source.rawValue, $1.name) }) {
      guard var stream = streams[key], stream.hasChanged else { continue }
      let times = Self.times(stream.lines)
      for position in selected(stream.lines, key.source) where stream.taken.insert(position).inserted {
        new.append((times[position], stream.lines[position]))
      }
      stream.hasChanged = false
      streams[key] = stream
    }
    // Lines of the same time stay in the order of their stream.
    return new.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
      .map(\.element.line)
  }

  /// When each line of a stream was written at the latest. Lines that arrive together can have the time of the last one,
  /// so a line is never later than those behind it.
  private static func times(_ lines: [LogLine]) -> [UnixTime] {
    var times = lines.map(\.time)
    for index in times.indices.dropLast().reversed() { times[index] = min(times[index], times[index + 1]) }
    return times
  }

  /// The positions of the lines of a stream that belong to the run, and to the shard.
  private func selected(_ lines: [LogLine], _ source: LogLine.Source) -> [Int] {
    // The request of each line.
    var requests = lines.map(\.requestID)
    var current = requests.lazy.compactMap { $0 }.first
    for index in requests.indices {
      current = requests[index] ?? current
      requests[index] = current
    }
    let own = Set(lines.indices.filter { isNamed(in: lines[$0]) }.compactMap { requests[$0] })
    return lines.indices.filter { index in
      let line = lines[index]
      if isNamed(in: line) { return true }
      guard let request = requests[index], own.contains(request), line.run == nil || line.run == "\(run)"
      else {
        return false
      }
      // The dispatcher's request is about all shards.
      return shard == nil || (line.shard == nil && source == .worker)
    }
  }
}
