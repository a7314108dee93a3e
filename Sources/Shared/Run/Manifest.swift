/// A run's summary: every data file, totals, absent and failed films. The same reports give the same bytes.
package struct Manifest: Codable, Equatable, Sendable {
  package struct File: Codable, Equatable, Sendable {
    package let key: String
    package let films: Int
    package let bytes: Int
    package let sha256: String
    package let isComplete: Bool
  }

  /// A shard whose worker had to stop, and why.
  package struct Stopped: Codable, Equatable, Sendable {
    package let shard: Int
    package let reason: String
  }

  package let run: RunName
  package let date: String
  package let destination: Destination
  package let isComplete: Bool
  /// When the run was cancelled; nil if it was not. Only shards that had ended by then are in the other fields.
  package let cancelledAt: String?
  package let shards: Int
  /// Number of films in the plans of the shards that have a report.
  package let films: Int
  /// Number of films in the data files.
  package let filmsWritten: Int
  package let bytes: Int
  package let requests: Int
  package let throttled: Int
  /// IMDb ids that TMDB does not have, in the order of the plans.
  package let absent: [String]
  package let failed: [ShardReport.FailedFilm]
  package let stopped: [Stopped]
  package let files: [File]
  /// The run from which films were kept; nil for a run without a base.
  package let base: RunName?
  /// How many films were kept from the base and why the others were fetched; nil for a run without a base.
  package let refresh: RefreshCounts?

  /// - Parameters:
  ///   - plan: the plan of any shard.
  ///   - reports: the reports of every shard of the run, in any order. Some may be missing if the run was cancelled.
  package init(plan: ShardPlan, reports: [ShardReport], cancelledAt: String? = nil) {
    let reports = reports.sorted { $0.shard < $1.shard }
    run = plan.run
    date = plan.date
    destination = plan.destination
    shards = plan.shards
    isComplete = reports.count == plan.shards && reports.allSatisfy { $0.state == .complete }
    self.cancelledAt = cancelledAt
    films = reports.total(\.films)
    files = reports.flatMap(\.files).map {
      File(key: $0.key, films: $0.films, bytes: $0.bytes, sha256: $0.sha256, isComplete: $0.isComplete)
    }
    filmsWritten = files.total(\.films)
    bytes = files.total(\.bytes)
    requests = reports.total(\.requests.sent)
    throttled = reports.total(\.requests.throttled)
    base = plan.base?.run
    refresh = base.map { _ in reports.compactMap(\.refresh).reduce(RefreshCounts(), +) }
    absent = reports.flatMap(\.absent)
    failed = reports.flatMap(\.failed)
    stopped = reports.compactMap { report in report.stopped.map { Stopped(shard: report.shard, reason: $0) } }
  }
}

/// failed.csv: the failed films in the dispatcher's input format, each with its reason.
package enum FailedFilms {
  /// The contents of failed.csv. The same event selects every film in the file, because each has the genres for which
  /// it was selected.
  /// - Parameters:
  ///   - generos: the films' genre fields, from films.csv.
  ///   - genres: the run's genres, for films that are not in `generos`.
  package static func table(
    _ failed: [ShardReport.FailedFilm], generos: [String: String], genres: [String]
  ) -> [UInt8] {
    let fallback = genero(of: genres)
    let rows = failed.map { "\($0.id)|\(generos[$0.id] ?? fallback)|\(plain($0.reason))\n" }
    return Array(("id|genero|reason\n" + rows.joined()).utf8)
  }

  /// A genre field that an event with these genres selects, whatever its `match`.
  static func genero(of genres: [String]) -> String { genres.sorted().joined(separator: ",") }

  /// The reason with separators and control characters, line breaks included, replaced by spaces.
  private static func plain(_ reason: String) -> String {
    String(String.UnicodeScalarView(reason.unicodeScalars.map { $0.value < 0x20 || $0 == "|" ? " " : $0 }))
  }
}
