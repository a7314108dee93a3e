import Shared

/// Follows a run by polling its objects in S3.
struct RunFollower {
  private static let pollInterval: Duration = .seconds(1)
  /// How long to wait for the manifest once every shard has a report. The last worker writes it next.
  private static let manifestWait: Duration = .seconds(10)
  /// Maximum number of reports that are read concurrently.
  private static let readsMax = 16

  let response: DispatcherResponse
  let s3: S3Client
  let loop: EventLoop
  /// How long to continue without any change before the run counts as stuck.
  let patience: Duration

  private var layout: RunLayout {
    RunLayout(prefix: response.destination.prefix, run: response.run, date: response.date)
  }

  /// Polls the run until every shard has a report and the manifest exists, or nothing has changed for `patience`.
  func follow() async throws -> RunProgress {
    var progress = RunProgress(response)
    var display = ProgressDisplay(start: .now)
    defer { display.end() }
    var lastChange = (at: ContinuousClock.now, activity: Activity())
    var etags: [String: String] = [:]
    while true {
      let activity = try await poll(&progress, &etags)
      display.show(progress, at: .now)
      if activity != lastChange.activity { lastChange = (.now, activity) }
      let quiet = lastChange.at.duration(to: .now)
      if progress.isOver, activity.hasManifest || quiet > Self.manifestWait { return progress }
      if quiet > patience { return progress }
      try await loop.sleep(for: Self.pollInterval)
    }
  }

  /// What changes while any worker is running: the number of objects, and the time of the newest one, such as a file, a
  /// report or a renewed lease.
  private struct Activity: Equatable {
    var objects = 0
    var modifiedAt = UnixTime(seconds: 0)
    var hasManifest = false
  }

  /// Lists the run's objects and reads new reports.
  /// - Parameter etags: the ETags of the reports that were read, by key. A report that is written again is read again.
  private func poll(_ progress: inout RunProgress, _ etags: inout [String: String]) async throws -> Activity {
    let bucket = response.destination.bucket
    // Listings have a resolution of one second, so the start is rounded down too.
    let since = UnixTime(seconds: (UnixTime(iso8601: response.startedAt)?.nanoseconds ?? 0) / 1_000_000_000)
    let run = try await s3.list(bucket: bucket, prefix: layout.folder)
    let newReports = run.filter { $0.key.hasPrefix(layout.reports) && etags[$0.key] != $0.etag }
    let read = try await BoundedFanOut.map(newReports, limit: Self.readsMax) { report in
      try await s3.get(ObjectAddress(bucket: bucket, key: report.key))
    }
    for report in newReports { etags[report.key] = report.etag }
    for bytes in read.compactMap({ $0 }) {
      progress.record(try JSONText.decode(ShardReport.self, from: bytes))
    }
    let data = try await s3.list(bucket: bucket, prefix: layout.dataFolder + "Atores-T")
      .filter { $0.modifiedAt >= since }
    for object in data {
      if let file = RunProgress.DataFile(key: object.key, folder: layout.dataFolder) {
        progress.record(file)
      }
    }
    return Activity(
      objects: run.count + data.count, modifiedAt: (run + data).map(\.modifiedAt).max() ?? since,
      hasManifest: run.contains { $0.key == layout.manifest })
  }
}
