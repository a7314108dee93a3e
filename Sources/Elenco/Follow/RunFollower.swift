import Shared

/// Follows a run on S3, where everything that its workers do shows.
struct RunFollower {
  /// Between two looks.
  private static let interval: Duration = .seconds(1)
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

  /// Looks at the run until every worker has reported, or nothing has happened for too long.
  func follow() async throws -> RunProgress {
    var progress = RunProgress(answer)
    var display = ProgressDisplay(start: .now)
    defer { display.end() }
    var lastChange = (at: ContinuousClock.now, files: 0, shards: 0)
    while true {
      try await look(&progress)
      display.show(progress, at: .now)
      if progress.isOver { return progress }
      if (progress.filesDone, progress.shardsDone) != (lastChange.files, lastChange.shards) {
        lastChange = (.now, progress.filesDone, progress.shardsDone)
      } else if lastChange.at.duration(to: .now) > patience {
        return progress
      }
      try await loop.sleep(for: Self.interval)
    }
  }

  private func look(_ progress: inout RunProgress) async throws {
    let bucket = answer.destination.bucket
    // Whole seconds: that is how listings have it.
    let begun = UnixTime(iso8601: answer.startedAt)?.nanoseconds ?? 0
    let since = UnixTime(seconds: begun / 1_000_000_000)
    let reports = try await s3.list(bucket: bucket, prefix: layout.reports).filter { $0.modifiedAt >= since }
    let known = progress.reports.values.count
    if reports.count > known {
      let keys = reports.map(\.key).filter { key in
        !progress.reports.keys.contains { layout.report(shard: $0) == key }
      }
      let read = try await BoundedFanOut.map(keys, limit: Self.readsMax) { key in
        try await s3.get(ObjectAddress(bucket: bucket, key: key))
      }
      for bytes in read.compactMap({ $0 }) {
        progress.note(try JSONText.decode(ShardReport.self, from: bytes))
      }
    }
    for object in try await s3.list(bucket: bucket, prefix: layout.dataFolder + "Atores-T")
    where object.modifiedAt >= since {
      if let seen = RunProgress.Seen(key: object.key, folder: layout.dataFolder) { progress.note(seen) }
    }
  }
}
