import Shared

/// What stands in S3 of a run before its workers are invoked: its name and date, and what others left in its folder.
struct RunRegistry: Sendable {
  let s3: S3Client
  let destination: Destination

  /// The run that a request began: Lambda tries a request again under the same id, and goes on with the same run.
  func name(_ event: DispatcherEvent, requestID: String) async throws -> RunName {
    guard event.isNamedByRequest, !event.dryRun else { return event.run }
    struct Request: Codable { let run: RunName }
    let object = address(RunLayout.request(prefix: destination.prefix, id: requestID))
    if try await s3.putJSON(object, Request(run: event.run), condition: .isNew) != nil { return event.run }
    return try await s3.get(object).map { try JSONText.decode(Request.self, from: $0).run } ?? event.run
  }

  /// The date of a run that was planned before; nil when it was not.
  func date(of run: RunName) async throws -> String? {
    struct Plan: Decodable { let date: String }
    let object = address(RunLayout.plan(prefix: destination.prefix, run: run, shard: 0))
    return try await s3.get(object).map { try JSONText.decode(Plan.self, from: $0).date }
  }

  /// Looks at the folder of a run that begins: what earlier runs of the day left there. It is this run's from now on, and
  /// their _SUCCESS goes, since the folder is no longer what it vouches for.
  /// - Returns: a sentence where there is anything.
  func prepareFolder(_ plan: RunPlan) async throws -> String? {
    guard let layout = plan.shards.first?.layout else { return nil }
    if !plan.event.dryRun {
      _ = try await s3.putJSON(address(layout.folderOwner), FolderOwner(run: plan.run))
    }
    let listed = try await s3.list(bucket: destination.bucket, prefix: layout.dataFolder).map(\.key)
    if listed.contains(layout.success), !plan.event.dryRun { try await s3.delete(address(layout.success)) }
    let others = Set(listed.filter { $0 != layout.success })
    guard !others.isEmpty else { return nil }
    let replaced = others.intersection(plan.keys).count
    return
      "\(address(layout.dataFolder)) holds \(others.count) files of earlier runs of this day. This run replaces "
      + "\(replaced) of them and leaves \(others.count - replaced) beside its own. To keep runs apart, give each a "
      + "destination prefix of its own below \(destination.prefix)."
  }

  private func address(_ key: String) -> ObjectAddress { ObjectAddress(bucket: destination.bucket, key: key) }
}
