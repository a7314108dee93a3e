/// How a run stands, as one listing of its folder shows it.
package struct RunView: Equatable, Sendable {
  /// Shards that have a plan, a report, and a lease that was written within its term.
  package let planned: Set<Int>
  package let reported: Set<Int>
  package let leased: Set<Int>
  /// Shards that ever had a lease.
  package let begun: Set<Int>
  package let hasManifest: Bool

  /// - Parameters:
  ///   - listing: every object under `RunLayout.folder`, with the time of its last change.
  ///   - terms: a lease that was not written for a term has lapsed.
  package init(
    listing: [(key: String, modifiedAt: UnixTime)], layout: RunLayout, now: UnixTime, terms: LeaseTerms
  ) {
    var (planned, reported, leased, begun) = (Set<Int>(), Set<Int>(), Set<Int>(), Set<Int>())
    for (key, modifiedAt) in listing {
      if let shard = Self.shard(key, in: layout.plans) { planned.insert(shard) }
      if let shard = Self.shard(key, in: layout.reports) { reported.insert(shard) }
      if let shard = Self.shard(key, in: layout.leases) {
        begun.insert(shard)
        // Listings have whole seconds, cut off.
        if modifiedAt + terms.term + .seconds(1) > now { leased.insert(shard) }
      }
    }
    (self.planned, self.reported, self.leased, self.begun) = (planned, reported, leased, begun)
    hasManifest = listing.contains { $0.key == layout.manifest }
  }

  /// Whether every shard has a report.
  package var isFinished: Bool { !planned.isEmpty && planned.isSubset(of: reported) }

  /// Shards that nobody works on and nobody has finished, in the order in which the worker of `shard` should try
  /// them: its neighbours first, so that many who look at once do not all reach for the same.
  package func free(after shard: Int) -> [Int] {
    let free = planned.subtracting(reported).subtracting(leased).sorted()
    return free.filter { $0 > shard } + free.filter { $0 < shard }
  }

  private static func shard(_ key: String, in folder: String) -> Int? {
    guard key.hasPrefix(folder), key.hasSuffix(".json") else { return nil }
    let name = key.dropFirst(folder.count).dropLast(5)
    return name.first == "T" ? Int(name.dropFirst()).flatMap { $0 >= 0 ? $0 : nil } : nil
  }
}
