import Shared

/// Follows a run on S3, where everything that its workers do shows.
struct RunFollower {
  /// Between two looks.
  private static let interval: Duration = .seconds(1)
  /// How long the manifest is waited for once all reports are there: the last worker writes it next.
  private static let manifestWait: Duration = .seconds(10)
  /// Reports that are read at once.
  private static let readsMax = 16

  let answer: DispatchAnswer
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
    var lastChange = (at: ContinuousClock.now, sign: LifeSign())
    while true {
      let sign = try await look(&progress)
      display.show(progress, at: .now)
      if sign != lastChange.sign { lastChange = (.now, sign) }
      let quiet = lastChange.at.duration(to: .now)
      if progress.isOver, sign.hasManifest || quiet > Self.manifestWait { return progress }
      if quiet > patience { return progress }
      try await loop.sleep(for: Self.interval)
    }
  }

  /// What changes while anybody works: files, reports, and leases that are renewed.
  private struct LifeSign: Equatable {
    var objects = 0
    var modifiedAt = UnixTime(seconds: 0)
    var hasManifest = false
  }

  private func look(_ progress: inout RunProgress) async throws -> LifeSign {
    let bucket = answer.destination.bucket
    // Whole seconds: that is how listings have it.
    let since = UnixTime(seconds: (UnixTime(iso8601: answer.startedAt)?.nanoseconds ?? 0) / 1_000_000_000)
    let run = try await s3.list(bucket: bucket, prefix: layout.folder)
    let known = Set(progress.reports.keys.map { layout.report(shard: $0) })
    let keys = run.map(\.key).filter { $0.hasPrefix(layout.reports) && !known.contains($0) }
    let read = try await BoundedFanOut.map(keys, limit: Self.readsMax) { key in
      try await s3.get(ObjectAddress(bucket: bucket, key: key))
    }
    for bytes in read.compactMap({ $0 }) { progress.note(try JSONText.decode(ShardReport.self, from: bytes)) }
    let data = try await s3.list(bucket: bucket, prefix: layout.dataFolder + "Atores-T")
      .filter { $0.modifiedAt >= since }
    for object in data {
      if let seen = RunProgress.Seen(key: object.key, folder: layout.dataFolder) { progress.note(seen) }
    }
    return LifeSign(
      objects: run.count + data.count, modifiedAt: (run + data).map(\.modifiedAt).max() ?? since,
      hasManifest: run.contains { $0.key == layout.manifest })
  }
}
