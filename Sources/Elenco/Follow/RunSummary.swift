import Shared

/// The summary of a run, printed as text or as JSON when following ends.
struct RunSummary: Encodable, Equatable {
  let run: String
  let destination: String
  /// Number of rows of the source that could not be read.
  let rowsSkipped: Int
  let films: Int
  let filmsWritten: Int
  let files: Int
  let filesComplete: Int
  let shards: Int
  let shardsComplete: Int
  let absent: Int
  let failed: Int
  let requests: Int
  let throttled: Int
  let seconds: Double
  let workerPeakMemoryBytes: Int
  let problems: [String]
  private let skippedRows: String?

  private enum CodingKeys: String, CodingKey {
    case run, destination, rowsSkipped, films, filmsWritten, files, filesComplete, shards, shardsComplete,
      absent
    case failed, requests, throttled, seconds, workerPeakMemoryBytes, problems
  }

  init(_ followed: FollowedRun, _ progress: RunProgress, seconds: Double) {
    let reports = progress.reports.values.sorted { $0.shard < $1.shard }
    run = "\(followed.run)"
    let layout = RunLayout(prefix: followed.destination.prefix, run: followed.run, date: followed.date)
    destination = "s3://\(followed.destination.bucket)/\(layout.dataFolder)"
    (rowsSkipped, skippedRows) = (followed.rowsSkipped, followed.skippedRows)
    films = followed.films
    files = followed.files
    shards = followed.shards
    filmsWritten = reports.total { $0.files.total(\.films) }
    filesComplete = reports.reduce(0) { $0 + $1.files.count(where: \.isComplete) }
    shardsComplete = reports.count { $0.state == .complete }
    absent = reports.total(\.absent.count)
    failed = reports.total(\.failed.count)
    requests = reports.total(\.requests.sent)
    throttled = reports.total(\.requests.throttled)
    workerPeakMemoryBytes = reports.map(\.peakMemoryBytes).max() ?? 0
    self.seconds = seconds
    problems = Self.problems(followed, progress, reports)
  }

  /// Whether every shard is complete and there are no problems.
  var isComplete: Bool { shardsComplete == shards && problems.isEmpty }

  var text: String {
    let state =
      isComplete ? "complete" : "NOT complete (\(shardsComplete.grouped) of \(counted(shards, "shard")))"
    let missing = "\(absent.grouped) absent from TMDB, \(failed.grouped) failed"
    var lines = [
      "run        \(run): \(state)",
      "films      \(filmsWritten.grouped) of \(films.grouped); \(missing)",
      "files      \(filesComplete.grouped) of \(files.grouped)",
      "requests   \(requests.grouped) to TMDB, \(throttled.grouped) throttled (429)",
      "time       \(seconds.tenths) s",
      "memory     \((Double(workerPeakMemoryBytes) / 1_048_576).tenths) MiB peak in the largest worker",
      "results    \(destination)",
    ]
    if let skippedRows { lines.append("warning    \(skippedRows)") }
    lines += problems.map { "problem    \($0)" }
    return lines.joined(separator: "\n")
  }

  private static func problems(
    _ followed: FollowedRun, _ progress: RunProgress, _ reports: [ShardReport]
  ) -> [String] {
    // Another worker of the run might have completed a shard whose worker was not invoked.
    let complete = Set(reports.filter { $0.state == .complete }.map(\.shard))
    switch progress.interruption {
    case .replaced(let other):
      return ["the run was replaced by run \(other), which has the folder now: elenco status \(other)"]
    case .cancelled(let time) where !progress.isComplete:
      return ["\(RunCancelled(run: followed.run, at: time))"]
    default: break
    }
    var problems = followed.notInvoked.filter { !complete.contains($0.shard) }
      .map { "shard \($0.shard) was not invoked: \($0.reason)" }
    for report in reports where report.state != .complete {
      if let stopped = report.stopped {
        problems.append("shard \(report.shard) stopped: \(stopped)")
      } else {
        let films = report.failed.prefix(3).map { "\($0.id) (\($0.reason))" }.joined(separator: ", ")
        let including = report.failed.count > 3 ? ", including" : ":"
        problems.append(
          "shard \(report.shard) is incomplete, "
            + "\(counted(report.failed.count, "film")) failed\(including) \(films)")
      }
    }
    problems += progress.unreportedShards.map { "shard \($0) has no report: check the log of its worker" }
    return problems
  }
}

extension Double {
  /// The number in decimal with one digit after the point: `1,234.5`.
  var tenths: String {
    let scaled = Int((self * 10).rounded())
    return "\((scaled / 10).grouped).\(abs(scaled % 10))"
  }
}
