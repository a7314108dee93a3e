import Testing

@testable import Shared

@Suite("Leases and views of a run") struct LeaseTests {
  private static let now = UnixTime(seconds: 1_795_489_200)
  private static let terms = LeaseTerms(term: .seconds(60))

  private static func lease(_ state: Lease.State = .held, holder: String = "other", seconds: Int = 40)
    -> Lease
  {
    Lease(
      state: state, holder: holder, until: now + .seconds(seconds), hop: 0, absent: [],
      requests: ShardReport.Requests(), rate: nil)
  }

  private static func decide(_ lease: Lease?, after seconds: Int = 0, isRenewed: Bool = false)
    -> LeaseDecision
  {
    LeaseDecision(
      lease, ticket: "me", now: now + .seconds(seconds), firstSeen: now, isRenewed: isRenewed, terms: terms)
  }

  @Test(
    "a lease is taken where there is none, where it was given up or has lapsed, and where it is kept for this worker"
  )
  func taken() {
    #expect(Self.decide(nil) == .take)
    #expect(Self.decide(Self.lease(.released)) == .take)
    #expect(Self.decide(Self.lease(seconds: 0)) == .take)
    #expect(Self.decide(Self.lease(.handedOver, holder: "me")) == .take)
    #expect(Self.decide(Self.lease(seconds: 40), after: 41) == .take)
  }

  @Test("a living holder keeps it: a renewal shows within half a term, and its lack by the lapse")
  func held() {
    let lease = Self.lease()
    #expect(Self.decide(lease) == .look(lease, at: Self.now + .seconds(30)))
    #expect(Self.decide(lease, after: 30) == .look(lease, at: Self.now + .seconds(40)))
    #expect(Self.decide(lease, after: 30, isRenewed: true) == .held(lease))
    // A duplicate of a hop's event has its ticket, and the hop holds the lease.
    let mine = Self.lease(.held, holder: "me")
    #expect(Self.decide(mine) == .look(mine, at: Self.now + .seconds(30)))
    let waiting = Self.lease(.handedOver, holder: "other")
    #expect(Self.decide(waiting) != .take)
  }

  @Test("a listing shows which shards are free, from any of them on, and when all is done")
  func view() throws {
    let layout = RunLayout(prefix: "p", run: try #require(RunName("r")), date: "2026-11-24")
    var listing = (0..<6).map { (key: layout.plan(shard: $0), modifiedAt: Self.now) }
    listing.append((layout.report(shard: 0), Self.now))
    listing.append((layout.lease(shard: 0), Self.now))
    listing.append((layout.lease(shard: 1), Self.now + .seconds(-30)))
    listing.append((layout.lease(shard: 2), Self.now + .seconds(-90)))
    listing.append((layout.folder + "shards/x.json", Self.now))
    func view() -> RunListing {
      RunListing(objects: listing, layout: layout, now: Self.now, terms: Self.terms)
    }
    #expect(view().planned == [0, 1, 2, 3, 4, 5])
    #expect(view().free() == [2, 3, 4, 5])
    #expect(view().free(from: 6) == [4, 5, 2, 3])
    #expect(!view().isFinished)
    listing += (1..<6).map { (layout.report(shard: $0), Self.now) }
    #expect(view().isFinished)
    #expect(view().free().isEmpty)
  }

  @Test("a run is quiet when nothing has changed for two minutes and two terms")
  func quiet() throws {
    let layout = RunLayout(prefix: "p", run: try #require(RunName("r")), date: "2026-11-24")
    func isQuiet(after seconds: Int, term: Int = 60) -> Bool {
      RunListing(
        objects: [(layout.plan(shard: 0), Self.now)], layout: layout, now: Self.now + .seconds(seconds),
        terms: LeaseTerms(term: .seconds(term))
      ).isQuiet
    }
    #expect(!isQuiet(after: 120) && isQuiet(after: 121))
    #expect(!isQuiet(after: 500, term: 300) && isQuiet(after: 601, term: 300))
  }

  @Test("an invocation's last part is kept for finishing, less of it in a short one")
  func clock() {
    let now = ContinuousClock.now
    let long = TimeBudget(remaining: .seconds(900), now: now)
    #expect(now.duration(to: long.startUntil) == .seconds(880))
    #expect(now.duration(to: long.sendUntil) == .seconds(885))
    #expect(now.duration(to: long.finishBy) == .seconds(890))
    let short = TimeBudget(remaining: .seconds(20), now: now)
    #expect(now.duration(to: short.startUntil) == .seconds(17))
    let none = TimeBudget(remaining: .seconds(-5), now: now)
    #expect(none.startUntil == now && none.finishBy == now)
    #expect(long.hasTime(at: now) && !long.hasTime(at: long.startUntil))
  }

  @Test("hops are capped at twice the forecast and some")
  func hops() {
    #expect(HopLimit.hops(requests: 1968, rate: 40.0 / 60, secondsPerHop: 900) == 2 * 4 + 10)
    #expect(HopLimit.hops(requests: 10, rate: 100, secondsPerHop: 900) == 12)
    #expect(HopLimit.hops(requests: .max / 2, rate: 0.01, secondsPerHop: 1) == RunLimits.hops.upperBound)
  }
}
