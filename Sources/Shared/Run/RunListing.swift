/// The state of a run, derived from one listing of its folder.
package struct RunListing: Equatable, Sendable {
  /// Shards that have a plan.
  package let planned: Set<Int>
  /// Shards that have a report.
  package let reported: Set<Int>
  /// Shards whose lease was written less than a term ago.
  package let leased: Set<Int>
  /// Shards that have ever had a lease.
  package let begun: Set<Int>
  package let hasManifest: Bool
  /// When the plan of shard 0 was written; nil if it does not exist.
  package let plannedAt: UnixTime?
  /// Whether nothing in the run has changed for longer than a worker takes to start, or its death to be noticed.
  package let isQuiet: Bool

  /// The run is quiet after two minutes, or after two lease terms if they are longer.
  private static let quietAfter: Duration = .seconds(120)

  /// - Parameters:
  ///   - objects: every object under `RunLayout.folder`, with the time when it was last written.
  ///   - terms: a lease that was written more than a term ago counts as expired.
  package init(
    objects: [(key: String, modifiedAt: UnixTime)], layout: RunLayout, now: UnixTime, terms: LeaseTerms
  ) {
    var (planned, reported, leased, begun) = (Set<Int>(), Set<Int>(), Set<Int>(), Set<Int>())
    for (key, modifiedAt) in objects {
      if let shard = Self.shard(key, in: layout.plans) { planned.insert(shard) }
      if let shard = Self.shard(key, in: layout.reports) { reported.insert(shard) }
      if let shard = Self.shard(key, in: layout.leases) {
        begun.insert(shard)
        // S3 listings round times down to whole seconds.
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

  /// The shards without a report that no worker holds, in order, but starting with any of them and wrapping around.
  /// - Parameter start: any number from 0; its remainder by the number of free shards selects the first one.
  package func free(from start: Int = 0) -> [Int] {
    let free = planned.subtracting(reported).subtracting(leased).sorted()
    guard !free.isEmpty else { return [] }
    let first = start % free.count
    return Array(free[first...] + free[..<first])
  }

  /// The shard of an object in one of the run's folders; nil if the object does not belong to a shard.
  package static func shard(_ key: String, in folder: String) -> Int? {
    guard key.hasPrefix(folder), key.hasSuffix(".json") else { return nil }
    let name = key.dropFirst(folder.count).dropLast(5)
    return name.first == "T" ? Int(name.dropFirst()).flatMap { $0 >= 0 ? $0 : nil } : nil
  }
}
