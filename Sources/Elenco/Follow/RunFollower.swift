import Shared

/// Follows a run by polling its objects in S3.
struct RunFollower {
  private static let pollInterval: Duration = .seconds(1)
  /// How long to wait for the manifest once every shard has a report. The last worker writes it next.
  private static let manifestWait: Duration = .seconds(10)
  /// Maximum number of reports that are read concurrently.
  private static let readsMax = 16

  let run: FollowedRun
  let s3: S3Client
  let loop: EventLoop
  /// How long to continue without any change before the run counts as stuck.
  let patience: Duration
  /// How long leases last.
  var terms = LeaseTerms.standard

  /// The option `--patience`, in seconds.
  static func patience(_ arguments: Arguments) throws(UsageError) -> Duration {
    guard let seconds = Int(arguments["--patience"] ?? "300"), seconds > 0 else {
      throw arguments.refusal("option --patience must be a whole number of seconds, at least 1")
    }
    return .seconds(seconds)
  }

  private var layout: RunLayout {
    RunLayout(prefix: run.destination.prefix, run: run.run, date: run.date)
  }

  /// Polls the run until every shard has a report, Lambda retries none of them any more, and the manifest exists; until
  /// the run is replaced or cancelled; or until nothing has changed for `patience`.
  /// - Throws: `FollowingFailed` if the run's objects cannot be read.
  func follow() async throws -> RunProgress {
    do { return try await pollUntilEnd() } catch let error where !(error is CancellationError) {
      throw FollowingFailed(run: run.run, destination: run.destination, error: error)
    }
  }

  private func pollUntilEnd() async throws -> RunProgress {
    var progress = RunProgress(run)
    var display = ProgressDisplay(start: .now)
    defer { display.end() }
    var lastChange = (at: ContinuousClock.now, activity: Activity())
    var seen = Seen()
    var attemptsNoted = 0
    while true {
      let activity = try await poll(&progress, &seen)
      let now = ContinuousClock.now
      let awaited = seen.retries.awaited(at: now)
      progress.shardsAwaitingRetry = awaited.count
      if let first = awaited.first, case let attempts = seen.retries.attempts(at: now),
        attempts > attemptsNoted
      {
        display.end()
        let reason = progress.reports[first]?.stopped ?? ""
        Terminal.note(RetryWatch.note(shards: awaited, attempts: attempts, reason: reason))
        attemptsNoted = attempts
      }
      display.show(progress, at: now)
      if activity != lastChange.activity { lastChange = (now, activity) }
      let quiet = lastChange.at.duration(to: now)
      if progress.isOver, awaited.isEmpty {
        if activity.hasManifest(isComplete: progress.isComplete) || quiet > Self.manifestWait {
          return progress
        }
      }
      if progress.interruption != nil || quiet > patience { return progress }
      // Lambda's retries of a local cloud follow each other within a second, and each of them has to be seen.
      try await loop.sleep(for: awaited.isEmpty ? Self.pollInterval : Self.pollInterval / 4)
    }
  }

  /// What the listings have shown so far.
  private struct Seen {
    /// The ETags of the reports that were read and of the leases, by key. A report that is written again is read again.
    var etags: [String: String] = [:]
    var retries = RetryWatch()
  }

  /// What changes while any worker is running: the number of objects, and the time of the newest one, such as a file, a
  /// report or a renewed lease.
  private struct Activity: Equatable {
    var objects = 0
    var modifiedAt = UnixTime(seconds: 0)
    /// When the manifest was last written; nil if it does not exist.
    var manifestAt: UnixTime?
    var lastReportAt: UnixTime?

    /// Whether the manifest exists. If all reports are complete, it must not be older than they are: the manifest of
    /// an earlier attempt says that the run is incomplete, and _SUCCESS does not exist yet.
    func hasManifest(isComplete: Bool) -> Bool {
      guard let manifestAt else { return false }
      return !isComplete || lastReportAt.map { manifestAt >= $0 } ?? true
    }
  }

  /// Lists the run's objects, and reads new reports and the folder's owner.
  private func poll(_ progress: inout RunProgress, _ seen: inout Seen) async throws -> Activity {
    let bucket = run.destination.bucket
    // Listings have a resolution of one second, so the start is rounded down too.
    let since = UnixTime(seconds: run.startedAt.nanoseconds / 1_000_000_000)
    let objects = try await s3.list(bucket: bucket, prefix: layout.folder)
    let changed = objects.filter { seen.etags[$0.key] != $0.etag }
    let newReports = changed.filter { $0.key.hasPrefix(layout.reports) }
    let read = try await BoundedFanOut.map(newReports, limit: Self.readsMax) { report in
      try await s3.get(ObjectAddress(bucket: bucket, key: report.key))
    }
    let now = ContinuousClock.now
    for object in changed {
      seen.etags[object.key] = object.etag
      if let shard = RunListing.shard(object.key, in: layout.leases) {
        seen.retries.leaseChanged(shard: shard, at: now)
      }
    }
    for bytes in read.compactMap({ $0 }) {
      let report = try JSONText.decode(ShardReport.self, from: bytes)
      progress.record(report)
      seen.retries.record(report, at: now)
    }
    progress.record(
      RunListing(
        objects: objects.map { ($0.key, $0.modifiedAt) }, layout: layout, now: .now(), terms: terms))
    let owner = try await s3.get(ObjectAddress(bucket: bucket, key: layout.folderOwner))
    progress.interruption = RunInterruption(
      of: run.run, try owner.map { try JSONText.decode(FolderOwner.self, from: $0) })
    let data = try await s3.list(bucket: bucket, prefix: layout.dataFolder + "Atores-T")
      .filter { $0.modifiedAt >= since }
    for object in data {
      if let file = RunProgress.DataFile(key: object.key, folder: layout.dataFolder) {
        progress.record(file)
      }
    }
    return Activity(
      objects: objects.count + data.count, modifiedAt: (objects + data).map(\.modifiedAt).max() ?? since,
      manifestAt: objects.first { $0.key == layout.manifest }?.modifiedAt,
      lastReportAt: objects.filter { $0.key.hasPrefix(layout.reports) }.map(\.modifiedAt).max())
  }
}

/// The run can no longer be followed, because its objects in S3 could not be read. The run itself continues.
struct FollowingFailed: Error, CustomStringConvertible {
  let run: RunName
  let destination: Destination
  let error: any Error

  var description: String {
    let prefix = destination.prefix.isEmpty ? "--prefix=" : "--prefix \(destination.prefix)"
    return
      "cannot follow run \(run): \(error)\nThe run continues without this command. To see its state, run: "
      + "elenco status \(run) --bucket \(destination.bucket) \(prefix)"
  }
}
