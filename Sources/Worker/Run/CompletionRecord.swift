import Shared

/// What follows a complete run's `_SUCCESS`.
extension RunCompletion {
  /// Deletions that are made concurrently.
  private static let deletionsMax = 16

  /// Makes the run the one that was completed last, unless a run of a later day was. A run of the same day is replaced,
  /// because only the folder's owner gets here.
  func recordAsLatest() async throws {
    let object = address(RunLayout.latest(prefix: plan.destination.prefix))
    for _ in 0..<Self.attemptsMax {
      let stored = try await dependencies.objects.read(object)
      let latest = stored.flatMap { try? JSONText.decode(LatestRun.self, from: $0.bytes) }
      if let latest, latest.run == plan.run || latest.date > plan.date { return }
      let record = LatestRun(run: plan.run, date: plan.date, completedAt: dependencies.clock.date)
      let condition: S3Client.Condition = stored.map { .isUnchanged(etag: $0.etag) } ?? .isNew
      if try await dependencies.objects.putJSON(object, record, condition: condition) != nil { return }
    }
    throw ManifestContested(object: object)
  }

  /// Deletes the copies of the base's data files that the dispatcher made because this run overwrites the originals.
  func deleteBaseCopies() async throws {
    guard plan.base != nil else { return }
    let copies = try await dependencies.objects.list(
      bucket: plan.destination.bucket, prefix: plan.layout.baseCopies)
    _ = try await BoundedFanOut.map(copies, limit: Self.deletionsMax) { copy in
      try await dependencies.objects.delete(address(copy.key))
    }
  }
}
