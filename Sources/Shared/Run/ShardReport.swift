/// What became of a shard: written when its worker stops, and the worker's answer.
package struct ShardReport: Codable, Equatable, Sendable {
  package enum State: String, Codable, Sendable {
    /// Every film is in its file or known to be absent.
    case complete
    /// Some film failed; a replay takes its file up again.
    case incomplete
    /// Its time was over: the next hop goes on. Never stands in a report that is written.
    case continuing
    /// The worker could not go on; `stopped` says why. What it wrote stays.
    case stopped
  }

  /// A data file as it stands in S3.
  package struct File: Codable, Equatable, Sendable {
    package let key: String
    /// Films in it.
    package let films: Int
    package let bytes: Int
    /// Of its bytes, lowercase hexadecimal.
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

  /// A film that could not be had after all tries.
  package struct FailedFilm: Codable, Equatable, Sendable {
    package let id: String
    package let reason: String

    package init(id: String, reason: String) {
      self.id = id
      self.reason = reason
    }
  }

  /// What was asked of TMDB.
  package struct Requests: Codable, Equatable, Sendable {
    package static func + (left: Requests, right: Requests) -> Requests {
      var sum = Requests()
      sum.sent = left.sent + right.sent
      sum.throttled = left.throttled + right.throttled
      sum.retried = left.retried + right.retried
      return sum
    }

    /// Every request that was sent, tries included.
    package var sent = 0
    /// Answered 429.
    package var throttled = 0
    /// Sent again after a 429, a 5xx or a broken connection.
    package var retried = 0

    package init() {}
  }

  package var run: RunName
  package var shard: Int
  package var state: State
  /// Why the worker could not go on.
  package var stopped: String?
  /// Films in the plan.
  package var films: Int
  /// Ids that TMDB does not have, in the order of the plan.
  package var absent: [String]
  package var failed: [FailedFilm]
  package var files: [File]
  /// Of all hops.
  package var requests: Requests
  /// Requests a second that the worker had come to; nil without a ceiling. A replay starts there.
  package var rate: Double?
  /// Invocations before this one, one after the other.
  package var hop: Int
  package var requestID: String
  package var startedAt: String
  package var seconds: Double
  /// The process's largest resident size so far.
  package var peakMemoryBytes: Int

  package init(
    run: RunName, shard: Int, state: State, stopped: String? = nil, films: Int, absent: [String],
    failed: [FailedFilm],
    files: [File], requests: Requests, rate: Double? = nil, hop: Int = 0, requestID: String,
    startedAt: String, seconds: Double,
    peakMemoryBytes: Int
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
  }
}
