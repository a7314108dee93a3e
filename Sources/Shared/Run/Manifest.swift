/// A run's summary: every data file, totals, what was absent, what failed. The same reports give the same bytes.
package struct Manifest: Codable, Equatable, Sendable {
  package struct File: Codable, Equatable, Sendable {
    package let key: String
    package let films: Int
    package let bytes: Int
    package let sha256: String
    package let isComplete: Bool
  }

  package struct Stopped: Codable, Equatable, Sendable {
    package let shard: Int
    package let reason: String
  }

  package let run: RunName
  package let date: String
  package let destination: Destination
  package let isComplete: Bool
  package let shards: Int
  /// Films in the plans, and in the files.
  package let films: Int
  package let filmsWritten: Int
  package let bytes: Int
  package let requests: Int
  package let throttled: Int
  /// In the order of the plans.
  package let absent: [String]
  package let failed: [ShardReport.FailedFilm]
  package let stopped: [Stopped]
  package let files: [File]

  /// - Parameter reports: of every shard of the run, in any order.
  package init(plan: ShardPlan, reports: [ShardReport]) {
    let reports = reports.sorted { $0.shard < $1.shard }
    run = plan.run
    date = plan.date
    destination = plan.destination
    shards = plan.shards
    isComplete = reports.count == plan.shards && reports.allSatisfy { $0.state == .complete }
    films = reports.reduce(0) { $0 + $1.films }
    files = reports.flatMap(\.files).map {
      File(key: $0.key, films: $0.films, bytes: $0.bytes, sha256: $0.sha256, isComplete: $0.isComplete)
    }
    filmsWritten = files.reduce(0) { $0 + $1.films }
    bytes = files.reduce(0) { $0 + $1.bytes }
    requests = reports.reduce(0) { $0 + $1.requests.sent }
    throttled = reports.reduce(0) { $0 + $1.requests.throttled }
    absent = reports.flatMap(\.absent)
    failed = reports.flatMap(\.failed)
    stopped = reports.compactMap { report in report.stopped.map { Stopped(shard: report.shard, reason: $0) } }
  }
}

/// failed.csv: the failed films as a source that the dispatcher takes, with the reason of each.
package enum FailedFilms {
  /// The genero is that of the run's event, so that the same event selects every film of the table.
  package static func table(_ failed: [ShardReport.FailedFilm], genres: [String]) -> [UInt8] {
    let genero = genres.sorted().joined(separator: ",")
    let rows = failed.map { "\($0.id)|\(genero)|\(plain($0.reason))\n" }
    return Array(("id|genero|reason\n" + rows.joined()).utf8)
  }

  /// Fit for a field: no separator, no line break.
  private static func plain(_ reason: String) -> String {
    String(String.UnicodeScalarView(reason.unicodeScalars.map { $0.value < 0x20 || $0 == "|" ? " " : $0 }))
  }
}
