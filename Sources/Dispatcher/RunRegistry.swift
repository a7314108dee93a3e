import Shared

/// Determines a run's name and date from S3 and claims the day's data folder for it, before any worker is invoked.
struct RunRegistry: Sendable {
  let s3: S3Client
  let destination: Destination

  /// Returns the name of the run that a request started. Lambda retries a request under the same id, and its failure
  /// record has that id, so both continue the same run.
  func name(_ event: DispatcherEvent, requestID: String) async throws -> RunName {
    guard event.isNamedByRequest, !event.dryRun else { return event.run }
    struct Request: Codable { let run: RunName }
    let object = address(RunLayout.request(prefix: destination.prefix, id: requestID))
    if try await s3.putJSON(object, Request(run: event.run), condition: .isNew) != nil { return event.run }
    return try await s3.get(object).map { try JSONText.decode(Request.self, from: $0).run } ?? event.run
  }

  /// Returns the date of a run that was already planned; nil if it was not.
  func date(of run: RunName) async throws -> String? {
    struct Plan: Decodable { let date: String }
    let object = address(RunLayout.plan(prefix: destination.prefix, run: run, shard: 0))
    return try await s3.get(object).map { try JSONText.decode(Plan.self, from: $0).date }
  }

  /// Makes this run the owner of its day's data folder and deletes the _SUCCESS object of an earlier run, because the
  /// folder no longer matches it. A dry run changes nothing.
  /// - Returns: a warning if the folder contains files of earlier runs.
  func prepareFolder(_ plan: RunPlan) async throws -> String? {
    guard let layout = plan.shards.first?.layout else { return nil }
    if !plan.event.dryRun {
      _ = try await s3.putJSON(address(layout.folderOwner), FolderOwner(run: plan.run))
    }
    let listed = try await s3.list(bucket: destination.bucket, prefix: layout.dataFolder).map(\.key)
    if listed.contains(layout.success), !plan.event.dryRun { try await s3.delete(address(layout.success)) }
    let existing = Set(listed.filter { $0 != layout.success })
    guard !existing.isEmpty else { return nil }
    let replaced = existing.intersection(plan.keys).count
    return
      "\(address(layout.dataFolder)) already contains files of earlier runs of the same day "
      + "(\(existing.count)). This run overwrites \(replaced) of them and leaves "
      + "\(existing.count - replaced) next to its own files. To separate the runs, give "
      + "each its own destination prefix below \(destination.prefix)."
  }

  private func address(_ key: String) -> ObjectAddress { ObjectAddress(bucket: destination.bucket, key: key) }
}
