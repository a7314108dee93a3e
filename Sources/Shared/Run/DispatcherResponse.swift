/// A dispatcher's response: what it read, what it planned and which workers it invoked.
package struct DispatcherResponse: Codable, Equatable, Sendable {
  /// The source object and its contents.
  package struct Input: Codable, Equatable, Sendable {
    package let bucket: String
    package let key: String
    /// Rows after the header.
    package let rows: Int
    /// Distinct films.
    package let films: Int
    /// Rows that could not be read.
    package let rowsSkipped: Int
    /// Descriptions of the first skipped rows.
    package let firstSkipped: [String]

    package init(
      bucket: String, key: String, rows: Int, films: Int, rowsSkipped: Int, firstSkipped: [String]
    ) {
      self.bucket = bucket
      self.key = key
      self.rows = rows
      self.films = films
      self.rowsSkipped = rowsSkipped
      self.firstSkipped = firstSkipped
    }
  }

  /// A shard whose worker could not be invoked.
  package struct Failure: Codable, Equatable, Sendable {
    package let shard: Int
    package let reason: String

    package init(shard: Int, reason: String) {
      self.shard = shard
      self.reason = reason
    }
  }

  /// What a run with `"refresh": "changed"` starts from, and how many films it keeps and why it fetches the others.
  package struct Refresh: Codable, Equatable, Sendable {
    /// The run to start from.
    package let base: RunName
    /// The counts of the whole run as planned.
    package let counts: RefreshCounts

    package init(base: RunName, counts: RefreshCounts) {
      self.base = base
      self.counts = counts
    }
  }

  /// What `"lookup": "auto"` has taken.
  package struct LookupTaken: Codable, Equatable, Sendable {
    package let taken: Lookup
    /// A sentence.
    package let reason: String

    package init(_ taken: Lookup, reason: String) {
      self.taken = taken
      self.reason = reason
    }
  }

  package var run: RunName
  package var date: String
  /// When the dispatcher started: `2026-11-24T03:00:00.000Z`.
  package var startedAt: String
  package var source: Input
  package var destination: Destination
  /// Number of selected films.
  package var films: Int
  package var shards: Int
  /// Number of data files in all shards.
  package var files: Int
  package var filmsPerFile: Int
  /// Number of films in the largest and in the smallest shard.
  package var filmsPerShard: [Int]
  package var workers: Int
  /// Nil for a run that fetches every film.
  package var refresh: Refresh?
  /// Nil unless the event's `lookup` is `auto`.
  package var lookup: LookupTaken?
  package var forecast: Forecast
  package var dryRun: Bool
  /// What the reader should know in addition to the forecast's own warning.
  package var warning: String?
  /// Number of shards whose worker was invoked.
  package var invoked: Int
  package var notInvoked: [Failure]
  /// How long the dispatcher ran.
  package var seconds: Double

  package init(
    run: RunName, date: String, startedAt: String, source: Input, destination: Destination, films: Int,
    shards: Int, files: Int,
    filmsPerFile: Int, filmsPerShard: [Int], workers: Int, refresh: Refresh? = nil,
    lookup: LookupTaken? = nil, forecast: Forecast, dryRun: Bool,
    warning: String?, invoked: Int, notInvoked: [Failure],
    seconds: Double
  ) {
    self.run = run
    self.date = date
    self.startedAt = startedAt
    self.source = source
    self.destination = destination
    self.films = films
    self.shards = shards
    self.files = files
    self.filmsPerFile = filmsPerFile
    self.filmsPerShard = filmsPerShard
    self.workers = workers
    self.refresh = refresh
    self.lookup = lookup
    self.forecast = forecast
    self.dryRun = dryRun
    self.warning = warning
    self.invoked = invoked
    self.notInvoked = notInvoked
    self.seconds = seconds
  }
}
