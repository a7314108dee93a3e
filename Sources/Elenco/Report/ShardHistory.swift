import Shared

/// One shard on the report page: its state, and its sessions and series as far as S3 has them.
struct ShardHistory: Sendable {
  struct Session: Equatable, Sendable {
    /// Seconds since 1970.
    let time: TimeScale.Interval
    let hop: Int
    /// Nil while a worker is active.
    let end: ShardSeries.Ending?
    let count: Int
  }

  let shard: Int
  let state: RunStatus.State
  /// Nil while the shard has none.
  let report: ShardReport?
  let series: ShardSeries
  let sessions: [Session]
  /// Whether S3 has the shard's series. Reports of version 0.1 have none.
  let hasSeries: Bool
  /// Whether S3 has more about the shard than its plan.
  var hasBegun: Bool { !sessions.isEmpty || report != nil }

  /// - Parameters:
  ///   - lease: nil if it was not read, because the report has everything.
  ///   - now: the end of a session that is under way.
  init(shard: Int, state: RunStatus.State, report: ShardReport?, lease: Lease?, now: UnixTime) {
    self.shard = shard
    self.state = state
    self.report = report
    // The lease of a replay that is under way continues the report's series.
    let known = lease?.series ?? report?.series
    series = known ?? ShardSeries()
    hasSeries = known != nil || report == nil
    if let known, !known.sessions.isEmpty {
      sessions = known.sessions.compactMap { session in
        guard let start = UnixTime(iso8601: session.startedAt)?.inSeconds else { return nil }
        let isReleased = lease?.state == .released
        let isActive = session.end == nil && state == .running && !isReleased
        let end = isActive ? max(start, now.inSeconds) : start + session.seconds
        return Session(
          time: start...end, hop: session.hop,
          // A worker whose run was cancelled or replaced releases the lease and writes no report.
          end: session.end ?? (isActive ? nil : isReleased ? .interrupted : .died), count: session.count)
      }
    } else if let report, let start = UnixTime(iso8601: report.startedAt)?.inSeconds {
      let end = start + min(max(report.seconds, 0), 1e9)
      sessions = [Session(time: start...end, hop: report.hop, end: report.ending, count: 1)]
    } else {
      sessions = []
    }
  }

  var filmsWritten: Int { report?.files.total(\.films) ?? 0 }
  /// Of the report; of the series while there is none.
  var requests: Int { report?.requests.sent ?? series.buckets.total(\.sent) }
  var throttled: Int { report?.requests.throttled ?? series.buckets.total(\.throttled) }
  var retried: Int { report?.requests.retried ?? series.buckets.total(\.retried) }
  var deaths: Int { sessions.count { $0.end == .died } }
  var sessionCount: Int { sessions.total(\.count) }
  var seconds: Double { sessions.reduce(0) { $0 + $1.time.upperBound - $1.time.lowerBound } }
  var pausedSeconds: Double { Double(series.buckets.total(\.pausedMilliseconds)) / 1000 }
}

extension ShardReport {
  fileprivate var ending: ShardSeries.Ending {
    switch state {
    case .complete: .complete
    case .incomplete: .incomplete
    case .continuing: .handedOver
    case .stopped: .stopped
    }
  }
}
