import Shared

/// What became of a run, in a few lines and for other programs.
struct RunSummary: Encodable, Equatable {
  let run: String
  let destination: String
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

  init(_ answer: DispatcherResponse, _ progress: RunProgress, seconds: Double) {
    let reports = progress.reports.values.sorted { $0.shard < $1.shard }
    run = "\(answer.run)"
    let layout = RunLayout(prefix: answer.destination.prefix, run: answer.run, date: answer.date)
    destination = "s3://\(answer.destination.bucket)/\(layout.dataFolder)"
    films = answer.films
    files = answer.files
    shards = answer.shards
    filmsWritten = reports.reduce(0) { $0 + $1.files.reduce(0) { $0 + $1.films } }
    filesComplete = reports.reduce(0) { $0 + $1.files.count(where: \.isComplete) }
    shardsComplete = reports.count { $0.state == .complete }
    absent = reports.reduce(0) { $0 + $1.absent.count }
    failed = reports.reduce(0) { $0 + $1.failed.count }
    requests = reports.reduce(0) { $0 + $1.requests.sent }
    throttled = reports.reduce(0) { $0 + $1.requests.throttled }
    workerPeakMemoryBytes = reports.map(\.peakMemoryBytes).max() ?? 0
    self.seconds = seconds
    problems = Self.problems(answer, progress, reports)
  }

  /// Whether everything that was asked for is there.
  var isComplete: Bool { shardsComplete == shards && problems.isEmpty }

  var text: String {
    var lines = [
      "run        \(run): \(isComplete ? "complete" : "NOT complete, \(shardsComplete) of \(shards) shards are")",
      "films      \(filmsWritten.grouped) of \(films.grouped); \(absent.grouped) absent from TMDB, \(failed.grouped) failed",
      "files      \(filesComplete.grouped) of \(files.grouped)",
      "requests   \(requests.grouped) to TMDB, \(throttled.grouped) answered 429",
      "seconds    \(seconds.tenths)",
      "memory     \((Double(workerPeakMemoryBytes) / 1_048_576).tenths) MiB at most in a worker",
      "results    \(destination)",
    ]
    lines += problems.map { "problem    \($0)" }
    return lines.joined(separator: "\n")
  }

  private static func problems(
    _ answer: DispatcherResponse, _ progress: RunProgress, _ reports: [ShardReport]
  ) -> [String] {
    // Another worker of the run may have taken such a shard up.
    let complete = Set(reports.filter { $0.state == .complete }.map(\.shard))
    var problems = answer.notInvoked.filter { !complete.contains($0.shard) }
      .map { "shard \($0.shard) was not invoked: \($0.reason)" }
    for report in reports where report.state != .complete {
      if let stopped = report.stopped {
        problems.append("shard \(report.shard) stopped: \(stopped)")
      } else {
        let films = report.failed.prefix(3).map { "\($0.id) (\($0.reason))" }.joined(separator: ", ")
        problems.append(
          "shard \(report.shard) is incomplete: \(report.failed.count) films failed, such as \(films)")
      }
    }
    problems += progress.silent.map { "shard \($0) has not reported: look into the worker's log" }
    return problems
  }
}

extension Double {
  /// With one digit behind the point.
  var tenths: String {
    let scaled = Int((self * 10).rounded())
    return "\((scaled / 10).grouped).\(abs(scaled % 10))"
  }
}
