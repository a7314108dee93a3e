import Shared

/// The end of a run: once every shard has a report, writes the manifest, failed.csv, _SUCCESS and _latest.json.
struct RunCompletion: Sendable {
  /// Reports that are read concurrently.
  static let readsMax = 16
  /// Attempts to update a manifest that other workers update at the same time.
  static let attemptsMax = 20

  /// The plan of any shard of the run.
  let plan: ShardPlan
  let dependencies: WorkerDependencies
  let log: Log

  /// The state of the run, from one LIST request.
  func readListing() async throws -> RunListing {
    let objects = try await dependencies.objects.list(
      bucket: plan.destination.bucket, prefix: plan.layout.folder)
    return RunListing(
      objects: objects.map { ($0.key, $0.modifiedAt) }, layout: plan.layout, now: dependencies.clock.date,
      terms: dependencies.lease)
  }

  /// Finishes the run if every shard has a report.
  /// - Returns: the manifest; nil while a report is missing.
  func finishIfOver(_ listing: RunListing) async throws -> Manifest? {
    guard listing.isFinished else { return nil }
    let (manifest, isFirst) = try await finish()
    log.runEnded(manifest, isFirst: isFirst, listing, plan, at: dependencies.clock.date)
    return manifest
  }

  /// Writes the manifest, failed.csv and _SUCCESS from the reports. Several workers may do so at the same time: one of
  /// them writes each object. If one of them dies halfway, the next one completes what is missing.
  /// - Returns: the manifest as stored, and whether it is the run's first one, except one of its cancellation, so that the
  ///   run ended just now.
  private func finish() async throws -> (manifest: Manifest, isFirst: Bool) {
    for _ in 0..<Self.attemptsMax {
      let stored = try await dependencies.objects.read(address(plan.layout.manifest))
      let manifest = Manifest(plan: plan, reports: try await reports())
      let isChanged = stored?.bytes != (try JSONText.encode(manifest))
      // If another worker changed the manifest meanwhile, compare with that one.
      if isChanged, try await !write(manifest, replacing: stored?.etag) { continue }
      guard try await writeFailedFilms(manifest) else { continue }
      if manifest.isComplete, try await ownsFolder() { try await writeSuccess(manifest) }
      let earlier = try? stored.map { try JSONText.decode(Manifest.self, from: $0.bytes) }
      return (manifest, isFirst: stored == nil || earlier?.cancelledAt != nil)
    }
    throw ManifestContested(object: address(plan.layout.manifest))
  }

  /// - Parameter etag: of the manifest to replace; nil where there is none.
  /// - Returns: whether the manifest was written. False when another worker has changed it.
  func write(_ manifest: Manifest, replacing etag: String?) async throws -> Bool {
    // A replay of everything can lose a film that was there before. _SUCCESS is deleted first: a worker that completes
    // the run in between changes the manifest, and then this is repeated.
    if !manifest.isComplete, try await ownsFolder() { try await success.delete(ownsFolder: true) }
    let condition: S3Client.Condition = etag.map { .isUnchanged(etag: $0) } ?? .isNew
    return try await dependencies.objects.putJSON(
      address(plan.layout.manifest), manifest, condition: condition) != nil
  }

  /// Deletes what earlier runs left in the folder, writes _SUCCESS, and records the run as the latest.
  private func writeSuccess(_ manifest: Manifest) async throws {
    if let settledAt = try await folder.owner()?.settledAt.flatMap(UnixTime.init(iso8601:)) {
      let wait = dependencies.clock.date.duration(to: settledAt)
      if wait > .zero { try await dependencies.clock.sleep(for: wait) }
    }
    let sweep = FolderSweep(plan: plan, objects: dependencies.objects, folder: folder)
    do { try await sweep.run(manifest) } catch is RunReplaced { return }
    try await success.write()
    // In the meantime another run may have taken the folder, or a replay may have lost a film.
    let current = try await dependencies.objects.get(address(plan.layout.manifest)).map {
      try JSONText.decode(Manifest.self, from: $0)
    }
    let isCurrent = current?.isComplete == true
    let isOwned = try await ownsFolder()
    guard isCurrent, isOwned else { return try await success.delete(ownsFolder: isOwned) }
    try await recordAsLatest()
    try await deleteBaseCopies()
  }

  private var success: SuccessMarker { SuccessMarker(plan: plan, objects: dependencies.objects) }

  var folder: FolderGuard { FolderGuard(plan: plan, objects: dependencies.objects) }

  /// Whether the day's folder belongs to this run, or to none.
  private func ownsFolder() async throws -> Bool {
    try await folder.owner().map { $0.run == plan.run } ?? true
  }

  func reports() async throws -> [ShardReport] {
    let read = try await BoundedFanOut.map(Array(0..<plan.shards), limit: Self.readsMax) { shard in
      try await dependencies.objects.get(address(plan.layout.report(shard: shard)))
    }
    return try read.compactMap { $0 }.map { try JSONText.decode(ShardReport.self, from: $0) }
  }

  /// Writes failed.csv if films failed, or if there is one from before whose films no longer fail.
  /// - Returns: false if another worker has changed it since it was read.
  private func writeFailedFilms(_ manifest: Manifest) async throws -> Bool {
    let object = address(plan.layout.failedFilms)
    let stored = try await dependencies.objects.read(object)
    guard !manifest.failed.isEmpty || stored != nil else { return true }
    let table = FailedFilms.table(
      manifest.failed, generos: try await generos(of: manifest.failed), genres: plan.genres)
    guard stored?.bytes != table else { return true }
    return try await dependencies.objects.put(
      object, HTTPBody(table), sha256: SHA256.hex(of: table), contentType: "text/csv",
      condition: stored.map { .isUnchanged(etag: $0.etag) } ?? .isNew) != nil
  }

  /// The genre fields of films, from films.csv. A run whose plans a person wrote has no such object.
  private func generos(of failed: [ShardReport.FailedFilm]) async throws -> [String: String] {
    guard !failed.isEmpty, let table = try await dependencies.objects.get(address(plan.layout.selectedFilms))
    else { return [:] }
    return SelectedFilms.generos(of: Set(failed.map(\.id)), in: table)
  }

  func address(_ key: String) -> ObjectAddress {
    ObjectAddress(bucket: plan.destination.bucket, key: key)
  }
}

/// Other workers changed the manifest at every attempt to update it.
struct ManifestContested: TypedError, Equatable {
  let object: ObjectAddress

  var errorType: String { "ManifestContested" }

  var description: String {
    "\(object) was changed by other workers at every attempt to update it. Invoke any shard of the run again: that "
      + "updates the manifest."
  }
}
