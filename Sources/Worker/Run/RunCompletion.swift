import Shared

/// What is left to do for a run when a shard is done: looking at it, and its end.
struct RunCompletion: Sendable {
  /// Reports that are read at once.
  private static let readsMax = 16
  /// Tries to bring a manifest up to date that others change too.
  private static let triesMax = 20

  let plan: ShardPlan
  let dependencies: WorkerDependencies

  /// How the run stands: one LIST.
  func look() async throws -> RunListing {
    let objects = try await dependencies.objects.list(
      bucket: plan.destination.bucket, prefix: plan.layout.folder)
    return RunListing(
      objects: objects.map { ($0.key, $0.modifiedAt) }, layout: plan.layout, now: dependencies.clock.date,
      terms: dependencies.lease)
  }

  /// Writes the manifest, failed.csv and _SUCCESS from the reports. Of many who do so at once one writes each; one
  /// that died in the middle is gone on from. _SUCCESS is for the run alone that began last in the day's folder.
  /// - Returns: the manifest as it stands, and whether it is the run's first and this call's: the run ended just now.
  func finish() async throws -> (manifest: Manifest, isFirst: Bool) {
    var isFirst = false
    for _ in 0..<Self.triesMax {
      let found = try await dependencies.objects.read(address(plan.layout.manifest))
      let manifest = Manifest(plan: plan, reports: try await reports())
      let bytes = try JSONText.encode(manifest)
      if found?.bytes != bytes {
        // A replay of everything may have lost a film that was there before. Taken away first: whoever completes the
        // run meanwhile changes the manifest, and this is done again.
        if !manifest.isComplete, try await ownsFolder() {
          try await dependencies.objects.delete(address(plan.layout.success))
        }
        let condition: S3Client.Condition = found.map { .isUnchanged(etag: $0.etag) } ?? .isNew
        // Somebody else was quicker: look again whether theirs is the same.
        guard
          try await dependencies.objects.putJSON(
            address(plan.layout.manifest), manifest, condition: condition)
            != nil
        else {
          continue
        }
        isFirst = found == nil
      }
      try await writeFailedFilms(manifest)
      if manifest.isComplete, try await ownsFolder() {
        let success = address(plan.layout.success)
        _ = try await dependencies.objects.put(
          success, .empty, sha256: SHA256.hex(of: []), contentType: "text/plain", condition: .isNew)
        // Another run may have begun in between, and taken away what was not there yet.
        if try await !ownsFolder() { try await dependencies.objects.delete(success) }
      }
      return (manifest, isFirst)
    }
    throw ManifestContested(object: address(plan.layout.manifest))
  }

  /// A folder that nobody has named a run for is of whoever writes there.
  private func ownsFolder() async throws -> Bool {
    guard let bytes = try await dependencies.objects.get(address(plan.layout.folderOwner)) else {
      return true
    }
    return try JSONText.decode(FolderOwner.self, from: bytes).run == plan.run
  }

  private func reports() async throws -> [ShardReport] {
    let read = try await BoundedFanOut.map(Array(0..<plan.shards), limit: Self.readsMax) { shard in
      try await dependencies.objects.get(address(plan.layout.report(shard: shard)))
    }
    return try read.compactMap { $0 }.map { try JSONText.decode(ShardReport.self, from: $0) }
  }

  /// Written where there is one to write, or one from before that is to be emptied.
  private func writeFailedFilms(_ manifest: Manifest) async throws {
    let object = address(plan.layout.failedFilms)
    let found = try await dependencies.objects.read(object)
    guard !manifest.failed.isEmpty || found != nil else { return }
    let table = FailedFilms.table(manifest.failed, genres: plan.genres)
    guard found?.bytes != table else { return }
    _ = try await dependencies.objects.put(
      object, HTTPBody(table), sha256: SHA256.hex(of: table), contentType: "text/csv")
  }

  private func address(_ key: String) -> ObjectAddress {
    ObjectAddress(bucket: plan.destination.bucket, key: key)
  }
}

/// The manifest changed under every try to bring it up to date.
struct ManifestContested: TypedError, Equatable {
  let object: ObjectAddress

  var errorType: String { "ManifestContested" }

  var description: String {
    "\(object) was changed by others at every try. Invoke any shard of the run again: that brings it up to date."
  }
}
