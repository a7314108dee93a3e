/// Decides which part of its run's requests per second a worker may use, from one listing of the run's folder.
///
/// A worker counts the workers at work and takes the ceiling divided by their number. Workers count at different times,
/// so a count can lack those that came after it. The parts still never add up to more than the ceiling:
/// - A part expires when its count is `countAgeMax` old. So a worker whose lease is older than that is *counted*: every
///   part in use takes it into account. Only counted workers send requests.
/// - A worker that comes waits until it is counted.
/// - A worker that comes, and whose listing after its lease was written shows no other, is counted at once: of two
///   workers that come together, the one that lists last sees the other.
/// - Workers that come in the first seconds of a run need not wait. In that time each part is the ceiling divided by the
///   plan's workers, and only listings from after that time, which show them all, can raise it.
/// - A worker without a lease for a few seconds, because it changes from one shard to the next, stays counted.
package struct RateBudget: Equatable, Sendable {
  /// What a worker may do after a listing.
  package enum Part: Equatable, Sendable {
    /// Send this many requests per second, until `countAgeMax` after the listing; list again before.
    case use(Double, listAgain: UnixTime)
    /// Send nothing, and list again when the worker is counted.
    case wait(until: UnixTime)
  }

  /// How long a run's first workers may take to start.
  private static let openingMax: Duration = .seconds(15)
  /// The longest time between a worker's report and its next shard's lease.
  private static let changeMax: Duration = .seconds(3)
  /// S3 listings round times down to whole seconds; another second is for clocks that differ.
  private static let timeError: Duration = .seconds(2)

  private let ceiling: Double
  private let workers: Double
  private let layout: RunLayout
  private let term: Duration

  /// The time between two listings of a worker, in terms: at least this, and up to this much more at random.
  private static let (intervalMin, intervalSpread) = (0.75, 0.2)

  /// The mean time between two listings of a worker.
  static func meanInterval(_ terms: LeaseTerms) -> Duration {
    terms.term * (intervalMin + intervalSpread / 2)
  }

  /// - Returns: nil for a run whose workers do not share a ceiling.
  package init?(plan: ShardPlan, terms: LeaseTerms) {
    guard plan.rateScope == .run, plan.requestsPerSecond > 0 else { return nil }
    ceiling = plan.requestsPerSecond
    workers = Double(max(1, plan.workers))
    layout = plan.layout
    term = terms.term
  }

  /// How long a part may be used: a worker that could not list in the meantime may not know of new workers.
  package var countAgeMax: Duration { term * 1.25 }
  /// How long a lease is in every count after it was last written. A third of a term longer than it is valid, so that
  /// Lambda's retry of a dead worker's event is in time to take its place.
  package var presenceMax: Duration { term + term / 3 }
  /// How long a worker that changes shards stays counted.
  package var changeMax: Duration { min(Self.changeMax, term) }
  private var openingLength: Duration { min(Self.openingMax, term) }
  /// How long a worker that comes waits.
  package var waitLength: Duration { countAgeMax + Self.timeError }

  /// - Parameters:
  ///   - objects: the run's folder, as listed by a request that was sent at `time`, after the worker's lease was written.
  ///   - shards: the worker's shards: the present one, and those that it has finished.
  ///   - joined: when the lease had been written.
  ///   - countedFrom: the time from which the worker is counted, past or future, if an earlier listing or hop found it
  ///     out.
  ///   - chance: a random number in 0..<1. It keeps workers from listing at the same time.
  /// - Returns: the part, and the time from which the worker is counted.
  package func part(
    of objects: [(key: String, modifiedAt: UnixTime)], own shards: Set<Int>, joined: UnixTime,
    countedFrom: UnixTime?, at time: UnixTime, chance: Double
  ) -> (part: Part, countedFrom: UnixTime?) {
    let next = time + term * (Self.intervalMin + Self.intervalSpread * chance)
    let count = Count(objects, layout: layout)
    // A run whose plan a person sent to a worker has no stored plan.
    guard let plannedAt = count.plannedAt else { return (.use(ceiling / workers, listAgain: next), time) }
    let presence = count.presence(except: shards, at: time, presenceMax: presenceMax, changeMax: changeMax)
    let openingEnd = plannedAt + openingLength
    let isSettled = time >= openingEnd + Self.timeError
    var countedFrom = countedFrom
    if joined < openingEnd { countedFrom = countedFrom ?? joined }
    if presence.isEmpty, isSettled { countedFrom = min(countedFrom ?? time, time) }
    let from = countedFrom ?? joined + waitLength
    guard from <= time else {
      // The others may be dead, or have left: then a listing shows none as soon as their presence ends.
      let next = isSettled ? presence.max() ?? from : openingEnd + Self.timeError
      // The next hop waits only for the rest.
      return (.wait(until: min(from, next)), from)
    }
    let part = ceiling / Double(presence.count + 1)
    guard isSettled else {
      let settled = openingEnd + Self.timeError + term / 16 * chance
      return (.use(min(part, ceiling / workers), listAgain: min(settled, next)), from)
    }
    return (.use(part, listAgain: next), from)
  }

  /// A part for a worker that is counted and whose listing failed: at most what the plan gives to each worker.
  package func fallback(previous rate: Double?) -> Double { min(rate ?? ceiling, ceiling / workers) }

  /// The time from which a worker is counted that continues a shard: it takes the place of the previous one.
  /// - Parameter lease: the lease that the worker replaced at `time`.
  /// - Returns: nil if a count may lack both workers, or if the previous one was not counted.
  package func inheritance(from lease: Lease, at time: UnixTime) -> UnixTime? {
    guard lease.state != .released, let until = UnixTime(iso8601: lease.until),
      // The lease was written no earlier than a term before it expires.
      time < until + (presenceMax - term)
    else { return nil }
    return lease.countedFrom.flatMap(UnixTime.init(iso8601:))
  }

  /// The objects of a listing that tell who is at work.
  private struct Count {
    private var planned = Set<Int>()
    private var leases: [Int: UnixTime] = [:]
    private var reports: [Int: UnixTime] = [:]
    private(set) var plannedAt: UnixTime?

    init(_ objects: [(key: String, modifiedAt: UnixTime)], layout: RunLayout) {
      let (planKeys, leaseKeys, reportKeys) = (layout.plans, layout.leases, layout.reports)
      for (key, modifiedAt) in objects {
        if let shard = RunListing.shard(key, in: leaseKeys) {
          leases[shard] = modifiedAt
        } else if let shard = RunListing.shard(key, in: reportKeys) {
          reports[shard] = modifiedAt
        } else if let shard = RunListing.shard(key, in: planKeys) {
          planned.insert(shard)
          if shard == 0 { plannedAt = modifiedAt }
        }
      }
    }

    /// The shards that other workers have, or have just finished if they can take another one.
    /// - Returns: for each of them, when it no longer counts unless its worker writes to S3 again.
    func presence(
      except own: Set<Int>, at time: UnixTime, presenceMax: Duration, changeMax: Duration
    ) -> [UnixTime] {
      let present = leases.filter { shard, writtenAt in
        !own.contains(shard) && writtenAt + presenceMax + timeError > time
      }
      // A finished shard's lease is released right after its report. A replayed shard's is written long after.
      let (working, finished) = present.split { shard, writtenAt in
        reports[shard].map { writtenAt > $0 + changeMax + timeError } ?? true
      }
      let ends = working.values.map { $0 + presenceMax + timeError }
      let free = planned.subtracting(reports.keys).subtracting(present.keys).subtracting(own)
      guard !free.isEmpty else { return ends }
      let changeEnds = finished.keys.compactMap { reports[$0] }.map { $0 + changeMax + timeError }
      return ends + changeEnds.filter { $0 > time }
    }
  }
}

extension Dictionary {
  /// The elements that satisfy the condition, and the others.
  fileprivate func split(_ condition: (Key, Value) -> Bool) -> (Self, Self) {
    (filter { condition($0.key, $0.value) }, filter { !condition($0.key, $0.value) })
  }
}
