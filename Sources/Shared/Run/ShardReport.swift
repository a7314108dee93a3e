/// The result of a shard. The worker writes it when it stops, and returns it as its response.
package struct ShardReport: Codable, Equatable, Sendable {
  package enum State: String, Codable, Sendable {
    /// Every film is in its data file or absent from TMDB.
    case complete
    /// At least one film failed. A replay fetches it again.
    case incomplete
    /// Time ran out, and the next hop continues. Only in a worker's response, never in a stored report.
    case continuing
    /// The worker could not continue, for the reason in `stopped`. The files that it wrote are kept.
    case stopped
  }

  /// A data file in S3.
  package struct File: Codable, Equatable, Sendable {
    package let key: String
    /// Number of films in the file.
    package let films: Int
    package let bytes: Int
    /// SHA-256 of the file, in lowercase hexadecimal.
    package let sha256: String
    package let isComplete: Bool
    /// Whether an earlier invocation wrote it.
    package let isResumed: Bool

    package init(key: String, films: Int, bytes: Int, sha256: String, isComplete: Bool, isResumed: Bool) {
      self.key = key
      self.films = films
      self.bytes = bytes
      self.sha256 = sha256
      self.isComplete = isComplete
      self.isResumed = isResumed
    }
  }

  /// A film whose credits could not be fetched, and why.
  package struct FailedFilm: Codable, Equatable, Sendable {
    package let id: String
    package let reason: String

    package init(id: String, reason: String) {
      self.id = id
      self.reason = reason
    }
  }

  /// Counts of the requests to TMDB.
  package struct Requests: Codable, Equatable, Sendable {
    package static func + (left: Requests, right: Requests) -> Requests {
      var sum = Requests()
      sum.sent = left.sent.saturatedSum(right.sent)
      sum.throttled = left.throttled.saturatedSum(right.throttled)
      sum.retried = left.retried.saturatedSum(right.retried)
      return sum
    }

    /// All requests sent, including retries.
    package var sent = 0
    /// Requests refused with status 429.
    package var throttled = 0
    /// Retries after a 429, a 5xx or a broken connection.
    package var retried = 0

    package init() {}
  }

  package var run: RunName
  package var shard: Int
  package var state: State
  /// Why the worker could not continue; nil unless `state` is `stopped`.
  package var stopped: String?
  /// Number of films in the plan.
  package var films: Int
  /// IMDb ids that TMDB does not have, in the order of the plan.
  package var absent: [String]
  package var failed: [FailedFilm]
  package var files: [File]
  /// Requests of all hops.
  package var requests: Requests
  /// The rate that the worker had reached, in requests per second; nil without a ceiling. A replay starts at it.
  package var rate: Double?
  /// The number of hops before this one.
  package var hop: Int
  package var requestID: String
  package var startedAt: String
  package var seconds: Double
  /// The process's largest resident size so far.
  package var peakMemoryBytes: Int
  /// The run from which films were kept; nil for a run without a base.
  package var base: RunName?
  /// How many films were kept from the base and why the others were fetched; nil for a run without a base.
  package var refresh: RefreshCounts?
  /// What the workers of all hops did over time. Nil in reports of earlier versions.
  package var series: ShardSeries?

  package init(
    run: RunName, shard: Int, state: State, stopped: String? = nil, films: Int, absent: [String],
    failed: [FailedFilm],
    files: [File], requests: Requests, rate: Double? = nil, hop: Int = 0, requestID: String,
    startedAt: String, seconds: Double,
    peakMemoryBytes: Int, base: RunName? = nil, refresh: RefreshCounts? = nil, series: ShardSeries? = nil
  ) {
    self.run = run
    self.shard = shard
    self.state = state
    self.stopped = stopped
    self.films = films
    self.absent = absent
    self.failed = failed
    self.files = files
    self.requests = requests
    self.rate = rate
    self.hop = hop
    self.requestID = requestID
    self.startedAt = startedAt
    self.seconds = seconds
    self.peakMemoryBytes = peakMemoryBytes
    self.base = base
    self.refresh = refresh
    self.series = series
  }
}
