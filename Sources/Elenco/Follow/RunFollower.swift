import Shared

/// Follows a run on S3, where everything that its workers do shows.
struct RunFollower {
  /// Between two looks.
  private static let interval: Duration = .seconds(1)
  /// How long the manifest is waited for once all reports are there: the last worker writes it next.
  private static let manifestWait: Duration = .seconds(10)
  /// Reports that are read at once.
  private static let readsMax = 16

  let answer: DispatcherResponse
  let s3: S3Client
  let loop: EventLoop
  /// How long nothing may happen before the run counts as stuck.
  let patience: Duration

  private var layout: RunLayout {
    RunLayout(prefix: answer.destination.prefix, run: answer.run, date: answer.date)
  }

  /// Looks at the run until every shard has its report and the manifest stands, or nothing has happened for too long.
  func follow() async throws -> RunProgress {
    var progress = RunProgress(answer)
    var display = ProgressDisplay(start: .now)
    defer { display.end() }
    var lastChange = (at: ContinuousClock.now, sign: Activity())
    var known: [String: String] = [:]
    while true {
      let sign = try await look(&progress, &known)
      display.show(progress, at: .now)
      if sign != lastChange.sign { lastChange = (.now, sign) }
      let quiet = lastChange.at.duration(to: .now)
      if progress.isOver, sign.hasManifest || quiet > Self.manifestWait { return progress }
      if quiet > patience { return progress }
      try await loop.sleep(for: Self.interval)
    }
  }

  /// What changes while anybody works: files, reports, and leases that are renewed.
  private struct Activity: Equatable {
    var objects = 0
    var modifiedAt = UnixTime(seconds: 0)
    var hasManifest = false
  }

  /// - Parameter known: the ETags of the reports that were read: one that is written again is read again.
  private func look(_ progress: inout RunProgress, _ known: inout [String: String]) async throws -> Activity {
    let bucket = answer.destination.bucket
    // Whole seconds: that is how listings have it.
    let since = UnixTime(seconds: (UnixTime(iso8601: answer.startedAt)?.nanoseconds ?? 0) / 1_000_000_000)
    let run = try await s3.list(bucket: bucket, prefix: layout.folder)
    let news = run.filter { $0.key.hasPrefix(layout.reports) && known[$0.key] != $0.etag }
    let read = try await BoundedFanOut.map(news, limit: Self.readsMax) { report in
      try await s3.get(ObjectAddress(bucket: bucket, key: report.key))
    }
    for report in news { known[report.key] = report.etag }
    for bytes in read.compactMap({ $0 }) { progress.note(try JSONText.decode(ShardReport.self, from: bytes)) }
    let data = try await s3.list(bucket: bucket, prefix: layout.dataFolder + "Atores-T")
      .filter { $0.modifiedAt >= since }
    for object in data {
      if let seen = RunProgress.Seen(key: object.key, folder: layout.dataFolder) { progress.note(seen) }
    }
    return Activity(
      objects: run.count + data.count, modifiedAt: (run + data).map(\.modifiedAt).max() ?? since,
      hasManifest: run.contains { $0.key == layout.manifest })
  }
}
