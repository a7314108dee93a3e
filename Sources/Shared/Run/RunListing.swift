/// How a run stands, as one listing of its folder shows it.
package struct RunListing: Equatable, Sendable {
  /// Shards that have a plan, a report, and a lease that was written within its term.
  package let planned: Set<Int>
  package let reported: Set<Int>
  package let leased: Set<Int>
  /// Shards that ever had a lease.
  package let begun: Set<Int>
  package let hasManifest: Bool
  /// When the plan of shard 0 was written; nil where it is not there.
  package let plannedAt: UnixTime?
  /// Whether nothing of the run has changed for as long as a worker may take to begin or to be found dead.
  package let isQuiet: Bool

  /// Two minutes, and no less than two terms of a lease.
  private static let quietAfter: Duration = .seconds(120)

  /// - Parameters:
  ///   - objects: every object under `RunLayout.folder`, with the time of its last change.
  ///   - terms: a lease that was not written for a term has lapsed.
  package init(
    objects: [(key: String, modifiedAt: UnixTime)], layout: RunLayout, now: UnixTime, terms: LeaseTerms
  ) {
    var (planned, reported, leased, begun) = (Set<Int>(), Set<Int>(), Set<Int>(), Set<Int>())
    for (key, modifiedAt) in objects {
      if let shard = Self.shard(key, in: layout.plans) { planned.insert(shard) }
      if let shard = Self.shard(key, in: layout.reports) { reported.insert(shard) }
      if let shard = Self.shard(key, in: layout.leases) {
        begun.insert(shard)
        // Listings have whole seconds, cut off.
        if modifiedAt + terms.term + .seconds(1) > now { leased.insert(shard) }
      }
    }
    (self.planned, self.reported, self.leased, self.begun) = (planned, reported, leased, begun)
    let newest = objects.map(\.modifiedAt).max() ?? now
    isQuiet = newest + max(Self.quietAfter, terms.term * 2) < now
    hasManifest = objects.contains { $0.key == layout.manifest }
    plannedAt = objects.first { $0.key == layout.plan(shard: 0) }?.modifiedAt
  }

  /// Whether every shard has a report.
  package var isFinished: Bool { !planned.isEmpty && planned.isSubset(of: reported) }

  /// Shards that nobody works on and nobody has finished: in their order, but beginning at any of them.
  /// - Parameter start: a number that says at which.
  package func free(from start: Int = 0) -> [Int] {
    let free = planned.subtracting(reported).subtracting(leased).sorted()
    guard !free.isEmpty else { return [] }
    let first = start % free.count
    return Array(free[first...] + free[..<first])
  }

  private static func shard(_ key: String, in folder: String) -> Int? {
    guard key.hasPrefix(folder), key.hasSuffix(".json") else { return nil }
    let name = key.dropFirst(folder.count).dropLast(5)
    return name.first == "T" ? Int(name.dropFirst()).flatMap { $0 >= 0 ? $0 : nil } : nil
  }
}
