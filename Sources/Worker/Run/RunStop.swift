import Shared

/// The end of a run that was replaced or cancelled, recorded by the last of its workers to stop.
extension RunCompletion {
  /// To be called after this worker has released its lease. Does nothing while another worker of the run is active.
  /// Otherwise records that the run has ended, so that the alarm for overdue runs does not go off.
  /// - Parameter cancelledAt: when the run was cancelled, for its manifest; nil if it was replaced. A replaced run gets no
  ///   manifest.
  func stopIfLast(cancelledAt: String?) async throws {
    let listing = try await readListing()
    // The cancellation came too late: every shard has ended.
    if cancelledAt != nil, try await finishIfOver(listing) != nil { return }
    guard try await !hasActiveWorker(listing) else { return }
    if let cancelledAt { try await writeCancelled(at: cancelledAt) }
    let store = PlanStore(objects: dependencies.objects)
    let films = try await BoundedFanOut.map(listing.planned.sorted(), limit: Self.readsMax) { shard in
      try await store.plan(run: plan.run, shard: shard, destination: plan.destination).films.count
    }
    log.runStopped(films: films.reduce(0, +), listing, plan)
  }

  /// Whether another worker holds a shard's lease, or the next hop is about to.
  private func hasActiveWorker(_ listing: RunListing) async throws -> Bool {
    for shard in listing.leased.sorted() {
      guard let bytes = try await dependencies.objects.get(address(plan.layout.lease(shard: shard))) else {
        continue
      }
      if try JSONText.decode(Lease.self, from: bytes).isActive(at: dependencies.clock.date) { return true }
    }
    return false
  }

  /// Writes the manifest of the shards that have ended, unless the run was resumed in the meantime.
  private func writeCancelled(at time: String) async throws {
    for _ in 0..<Self.attemptsMax {
      let stored = try await dependencies.objects.read(address(plan.layout.manifest))
      guard try await folder.owner()?.cancelledAt == time else { return }
      let manifest = Manifest(plan: plan, reports: try await reports(), cancelledAt: time)
      guard try stored?.bytes != JSONText.encode(manifest) else { return }
      if try await write(manifest, replacing: stored?.etag) { return }
    }
    throw ManifestContested(object: address(plan.layout.manifest))
  }
}
