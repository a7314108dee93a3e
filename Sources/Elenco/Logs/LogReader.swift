import Shared

/// Reads the lines of a run from the log groups of its functions.
struct LogReader {
  /// The most lines that are read, which bounds memory.
  static let linesMax = 100_000
  /// How long before the newest line reading starts again, because lines can arrive late.
  private static let overlap: Duration = .seconds(60)

  /// A function whose log is read.
  struct Function: Sendable {
    let source: LogLine.Source
    /// Name or ARN.
    let name: String

    var group: String { "/aws/lambda/\(LogReader.functionName(name))" }
  }

  let logs: LogsClient
  let functions: [Function]
  private(set) var log: RunLog
  /// The time from which lines are read.
  private var start: UnixTime
  private var newest: UnixTime?
  private var streams: [LogLine.Source: Set<String>] = [:]
  /// The functions without a log group.
  private(set) var missing: [Function] = []
  /// Whether there are more lines than can be read.
  private(set) var isCut = false

  init(logs: LogsClient, functions: [Function], log: RunLog, start: UnixTime) {
    (self.logs, self.functions, self.log, self.start) = (logs, functions, log, start)
  }

  /// Reads what is new, and returns the run's lines in the order of their times. First it asks for the lines that name
  /// the run, and then for all lines of their streams.
  /// - Parameter end: the time up to which lines are read.
  mutating func read(until end: UnixTime) async throws -> [LogLine] {
    missing = []
    for function in functions where !isCut {
      do { try await read(function, until: end) } catch let error as AWSServiceError
        where error.code == LogsClient.noSuchGroup && function.source == .dispatcher
      {
        // A run can be started without a dispatcher.
        missing.append(function)
      }
    }
    if let newest { start = max(start, newest + Self.overlap * -1) }
    return log.takeNew()
  }

  private mutating func read(_ function: Function, until end: UnixTime) async throws {
    let query = LogsClient.Query(group: function.group, pattern: log.pattern, start: start, end: end)
    let named = try await logs.events(query, eventsMax: Self.linesMax)
    isCut = isCut || named.isCut
    var all = streams[function.source, default: []]
    for event in named.events where !all.contains(event.stream) {
      if log.isNamed(in: LogLine(event, source: function.source)) { all.insert(event.stream) }
    }
    streams[function.source] = all
    for names in Self.batches(all.sorted(), of: LogsClient.streamsMax) {
      let found = try await logs.events(
        LogsClient.Query(group: function.group, streams: names, start: start, end: end),
        eventsMax: Self.linesMax)
      for (stream, events) in Dictionary(grouping: found.events, by: \.stream) where all.contains(stream) {
        log.add(events, stream: stream, source: function.source)
      }
      if let last = found.events.map(\.time).max() { newest = max(newest ?? last, last) }
      isCut = isCut || found.isCut || log.count > Self.linesMax
      guard !isCut else { return }
    }
  }

  private static func batches(_ names: [String], of size: Int) -> [[String]] {
    stride(from: 0, to: names.count, by: size).map { Array(names[$0..<min($0 + size, names.count)]) }
  }

  /// The name of a function without its account, region, and version or alias.
  static func functionName(_ name: String) -> String {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard let keyword = parts.firstIndex(of: "function"), keyword + 1 < parts.count else { return parts[0] }
    return parts[keyword + 1]
  }

  /// The name of the dispatcher that the template gives to the stack of a worker; nil if the worker has another name.
  static func dispatcher(ofWorker worker: String) -> String? {
    let (name, ending) = (functionName(worker), "-worker")
    guard name.hasSuffix(ending), name.count > ending.count else { return nil }
    return name.dropLast(ending.count) + "-dispatcher"
  }
}
