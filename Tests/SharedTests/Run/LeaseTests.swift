import Testing

@testable import Shared

@Suite("Leases and run listings") struct LeaseTests {
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
      lease, handOverToken: "me", now: now + .seconds(seconds), firstSeen: now, isRenewed: isRenewed,
      terms: terms)
  }

  @Test(
    "a lease is taken if there is none, if it was released or has expired, or if it was handed over to this worker"
  )
  func taken() {
    #expect(Self.decide(nil) == .take)
    #expect(Self.decide(Self.lease(.released)) == .take)
    #expect(Self.decide(Self.lease(seconds: 0)) == .take)
    #expect(Self.decide(Self.lease(.handedOver, holder: "me")) == .take)
    #expect(Self.decide(Self.lease(seconds: 40), after: 41) == .take)
  }

  @Test(
    "a held lease is checked again after half a term and at its expiry, and left to its holder once it is renewed"
  )
  func held() {
    let lease = Self.lease()
    #expect(Self.decide(lease) == .lookAgain(lease, at: Self.now + .seconds(30)))
    #expect(Self.decide(lease, after: 30) == .lookAgain(lease, at: Self.now + .seconds(40)))
    #expect(Self.decide(lease, after: 30, isRenewed: true) == .held(lease))
    // A duplicate of a hop's event has the same token, but the hop holds the lease.
    let heldByHop = Self.lease(.held, holder: "me")
    #expect(Self.decide(heldByHop) == .lookAgain(heldByHop, at: Self.now + .seconds(30)))
    let handedOver = Self.lease(.handedOver, holder: "other")
    #expect(Self.decide(handedOver) != .take)
  }

  @Test("a run listing shows which shards are free, starting from any shard, and whether the run is finished")
  func listing() throws {
    let layout = RunLayout(prefix: "p", run: try #require(RunName("r")), date: "2026-11-24")
    var objects = (0..<6).map { (key: layout.plan(shard: $0), modifiedAt: Self.now) }
    objects.append((layout.report(shard: 0), Self.now))
    objects.append((layout.lease(shard: 0), Self.now))
    objects.append((layout.lease(shard: 1), Self.now + .seconds(-30)))
    objects.append((layout.lease(shard: 2), Self.now + .seconds(-90)))
    objects.append((layout.folder + "shards/x.json", Self.now))
    func runListing() -> RunListing {
      RunListing(objects: objects, layout: layout, now: Self.now, terms: Self.terms)
    }
    #expect(runListing().planned == [0, 1, 2, 3, 4, 5])
    #expect(runListing().free() == [2, 3, 4, 5])
    #expect(runListing().free(from: 6) == [4, 5, 2, 3])
    #expect(!runListing().isFinished)
    objects += (1..<6).map { (layout.report(shard: $0), Self.now) }
    #expect(runListing().isFinished)
    #expect(runListing().free().isEmpty)
  }

  @Test(
    "a lease without the optional fields, as earlier versions wrote it, is read; found ids survive a round trip"
  )
  func json() throws {
    let old =
      #"{"absent":["tt1"],"holder":"other","hop":2,"requests":{"retried":0,"sent":3,"throttled":0},"#
      + #""state":"handedOver","until":"2026-11-24T03:00:00.000Z"}"#
    var lease = try JSONText.decode(Lease.self, from: Array(old.utf8))
    #expect(lease.found == nil && lease.hopsMax == nil && lease.hop == 2 && lease.requests.sent == 3)
    #expect(String(decoding: try JSONText.encode(lease), as: UTF8.self).contains("found") == false)
    lease.found = ["tt0000002": 20, "tt0000001": 10]
    let text = try JSONText.encode(lease)
    #expect(String(decoding: text, as: UTF8.self).contains(#""found":{"tt0000001":10,"tt0000002":20}"#))
    #expect(try JSONText.decode(Lease.self, from: text) == lease)
  }

  @Test("a run is quiet once nothing has changed for two minutes and for two lease terms")
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

  @Test("the last part of an invocation is reserved for finishing, and a short invocation reserves less")
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

  @Test("the hop limit is twice the forecast plus ten")
  func hops() {
    #expect(HopLimit.hops(requests: 1968, rate: 40.0 / 60, secondsPerHop: 900) == 2 * 4 + 10)
    #expect(HopLimit.hops(requests: 10, rate: 100, secondsPerHop: 900) == 12)
    #expect(HopLimit.hops(requests: .max / 2, rate: 0.01, secondsPerHop: 1) == RunLimits.hops.upperBound)
  }
}
