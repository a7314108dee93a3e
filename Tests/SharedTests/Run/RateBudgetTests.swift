import Testing

@testable import Shared

@Suite("Rate budget") struct RateBudgetTests {
  private static let plannedAt = UnixTime(seconds: 1_795_489_200)
  private typealias Object = (key: String, modifiedAt: UnixTime)

  private static func plan(workers: Int = 60, scope: RateScope = .run, rate: Double = 40) throws -> ShardPlan
  {
    ShardPlan(
      run: try #require(RunName("r")), date: "2026-11-24", shard: 0, shards: 60,
      destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: 100, requestsPerSecond: rate,
      rateScope: scope, workers: workers, lookup: .find, genres: ["Drama"], films: [])
  }

  /// The folder of a run of 60 shards.
  /// - Parameters: when leases and reports were written, in seconds after the plans.
  private static func folder(leases: [Int: Int64], reports: [Int: Int64] = [:]) throws -> [Object] {
    let layout = try plan().layout
    let time = { (seconds: Int64) in plannedAt + .seconds(seconds) }
    return (0..<60).map { (layout.plan(shard: $0), plannedAt) }
      + leases.map { (layout.lease(shard: $0), time($1)) }
      + reports.map { (layout.report(shard: $0), time($1)) } + [(layout.selectedFilms, plannedAt)]
  }

  /// The part of a worker with shard 0.
  private static func part(
    _ objects: [Object], joined: Int64, countedFrom: Int64? = nil, at time: Int64, own: Set<Int> = [0]
  ) throws -> RateBudget.Part {
    let budget = try #require(RateBudget(plan: try plan(), terms: LeaseTerms(term: .seconds(60))))
    return budget.part(
      of: objects, own: own, joined: plannedAt + .seconds(joined),
      countedFrom: countedFrom.map { plannedAt + .seconds($0) }, at: plannedAt + .seconds(time), chance: 0
    ).part
  }

  private static func use(_ rate: Double, _ next: Int64) -> RateBudget.Part {
    .use(rate, listAgain: plannedAt + .seconds(next))
  }

  @Test(
    "only workers that share a ceiling have a part",
    arguments: [(RateScope.run, 40.0, true), (.run, 0, false), (.worker, 40, false), (.adaptive, 40, false)])
  func scopes(scope: RateScope, rate: Double, exists: Bool) throws {
    #expect((RateBudget(plan: try Self.plan(scope: scope, rate: rate), terms: .standard) != nil) == exists)
  }

  @Test("in a run's first seconds each worker has what the plan gives to it, and lists again after them")
  func opening() throws {
    let folder = try Self.folder(leases: [0: 1, 1: 1])
    #expect(try Self.part(folder, joined: 1, at: 2) == Self.use(40.0 / 60, 17))
    #expect(try Self.part(folder, joined: 1, at: 16) == Self.use(40.0 / 60, 17))
    #expect(try Self.part(folder, joined: 1, at: 17) == Self.use(20, 62))
  }

  @Test("a later worker waits until every count includes it, unless it is alone")
  func comers() throws {
    let folder = try Self.folder(leases: [0: 100, 1: 95])
    #expect(try Self.part(folder, joined: 100, at: 100) == .wait(until: Self.plannedAt + .seconds(177)))
    let later = try Self.folder(leases: [0: 160, 1: 155])
    #expect(try Self.part(later, joined: 100, at: 176) == .wait(until: Self.plannedAt + .seconds(177)))
    #expect(try Self.part(later, joined: 100, at: 177) == Self.use(20, 222))
    #expect(try Self.part(later, joined: 150, countedFrom: 150, at: 160) == Self.use(20, 205))
    let alone = try Self.folder(leases: [0: 100, 1: 10])
    #expect(try Self.part(alone, joined: 100, at: 100) == Self.use(40, 145))
  }

  @Test("a worker that waits for others lists again as soon as they may be gone")
  func waiting() throws {
    // A dead worker's lease, and a worker that has just finished a shard.
    let dead = try Self.folder(leases: [0: 100, 1: 60])
    #expect(try Self.part(dead, joined: 100, at: 100) == .wait(until: Self.plannedAt + .seconds(142)))
    let changing = try Self.folder(leases: [0: 100, 1: 98], reports: [1: 98])
    #expect(try Self.part(changing, joined: 100, at: 100) == .wait(until: Self.plannedAt + .seconds(103)))
    #expect(try Self.part(changing, joined: 100, at: 103) == Self.use(40, 148))
  }

  @Test("the time from which a worker that waits is counted is known to its next hop")
  func countedLater() throws {
    let budget = try #require(RateBudget(plan: try Self.plan(), terms: LeaseTerms(term: .seconds(60))))
    let objects = try Self.folder(leases: [0: 100, 1: 95])
    let waiting = budget.part(
      of: objects, own: [0], joined: Self.plannedAt + .seconds(100), countedFrom: nil,
      at: Self.plannedAt + .seconds(100), chance: 0)
    #expect(waiting.countedFrom == Self.plannedAt + .seconds(177))
    // The next hop.
    #expect(
      try Self.part(objects, joined: 140, countedFrom: 177, at: 150)
        == .wait(until: Self.plannedAt + .seconds(177)))
    let later = try Self.folder(leases: [0: 170, 1: 175])
    #expect(try Self.part(later, joined: 140, countedFrom: 177, at: 177) == Self.use(20, 222))
  }

  @Test(
    "a lease counts for a third longer than its term, and two seconds for errors of clocks",
    arguments: [(18, 40.0), (19, 20)] as [(Int64, Double)])
  func expiry(writtenAt: Int64, rate: Double) throws {
    let folder = try Self.folder(leases: [0: 90, 1: writtenAt])
    #expect(try Self.part(folder, joined: 1, at: 100) == Self.use(rate, 145))
  }

  @Test(
    "a worker that has just finished a shard counts only for a few seconds, and only while a shard is left",
    arguments: [(94, true, 40.0), (96, true, 20), (96, false, 40)] as [(Int64, Bool, Double)])
  func changes(reportedAt: Int64, hasFreeShards: Bool, rate: Double) throws {
    var reports: [Int: Int64] = [1: reportedAt]
    if !hasFreeShards { for shard in 2..<60 { reports[shard] = 10 } }
    let folder = try Self.folder(leases: [0: 90, 1: reportedAt], reports: reports)
    #expect(try Self.part(folder, joined: 1, at: 100) == Self.use(rate, 145))
  }

  @Test("a shard that is replayed counts, and the worker's own finished shards do not")
  func replayedShards() throws {
    let folder = try Self.folder(leases: [0: 90, 1: 95, 2: 95], reports: [1: 50, 2: 95])
    #expect(try Self.part(folder, joined: 1, at: 99) == Self.use(40.0 / 3, 144))
    #expect(try Self.part(folder, joined: 1, at: 99, own: [0, 2]) == Self.use(20, 144))
  }

  @Test("without stored plans, a worker has what its plan gives to it")
  func noStoredPlan() throws {
    #expect(try Self.part([], joined: 1, at: 2) == Self.use(40.0 / 60, 47))
  }

  @Test(
    "who continues a shard takes the previous worker's place until a third of a term after the lease expired",
    arguments: [
      (Lease.State.held, 119, true), (.held, 120, false), (.handedOver, 119, true), (.released, 50, false),
    ] as [(Lease.State, Int64, Bool)])
  func inheritance(state: Lease.State, time: Int64, inherits: Bool) throws {
    let budget = try #require(RateBudget(plan: try Self.plan(), terms: LeaseTerms(term: .seconds(60))))
    let from = Self.plannedAt + .seconds(7)
    var lease = Lease(
      state: state, holder: "h", until: Self.plannedAt + .seconds(100), hop: 0, absent: [],
      requests: ShardReport.Requests(), rate: nil)
    #expect(budget.inheritance(from: lease, at: Self.plannedAt + .seconds(50)) == nil)
    lease.countedFrom = from.iso8601
    #expect(
      budget.inheritance(from: lease, at: Self.plannedAt + .seconds(time)) == (inherits ? from : nil))
  }

  @Test("a worker whose listing failed has no more than what the plan gives to it")
  func fallback() throws {
    let budget = try #require(RateBudget(plan: try Self.plan(), terms: .standard))
    #expect(budget.fallback(previous: nil) == 40.0 / 60)
    #expect(budget.fallback(previous: 4) == 40.0 / 60)
    #expect(budget.fallback(previous: 0.5) == 0.5)
  }
}
