import TestSupport
import Testing

@testable import Shared

@Suite("Rate budget") struct RatePacerTests {
  private static let start = ContinuousClock.now

  private static func plan(shard: Int, shards: Int, rate: Double, scope: RateScope, workers: Int) throws
    -> ShardPlan
  {
    ShardPlan(
      run: try #require(RunName("r")), date: "2026-11-24", shard: shard, shards: shards,
      destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: 100, requestsPerSecond: rate,
      rateScope: scope, workers: workers, lookup: .find, genres: ["Drama"], films: [])
  }

  /// Sends as fast as the pacer lets it, for so many seconds of virtual time.
  private static func times(_ pacer: inout RatePacer, seconds: Int) -> [Duration] {
    var (now, times) = (start, [Duration]())
    while now < start + .seconds(seconds) {
      now = pacer.reserve(at: now)
      times.append(start.duration(to: now))
    }
    return times
  }

  @Test(
    "shares are those of the scope",
    arguments: [
      (RateScope.run, 60, 40.0 / 60, 40.0 / 60), (.run, 4, 10, 10), (.worker, 60, 40, 40),
      (.adaptive, 60, 40.0 / 60, 40),
    ])
  func shares(scope: RateScope, workers: Int, start: Double, ceiling: Double) throws {
    let share = RateShare(plan: try Self.plan(shard: 0, shards: 60, rate: 40, scope: scope, workers: workers))
    #expect(share.start == start)
    #expect(share.ceiling == ceiling)
    let learned = RateShare(
      plan: try Self.plan(shard: 0, shards: 60, rate: 40, scope: scope, workers: workers), learned: 0.25)
    #expect(learned.start == 0.25)
    let free = RateShare(plan: try Self.plan(shard: 0, shards: 60, rate: 0, scope: scope, workers: workers))
    #expect((free.start, free.ceiling) == (nil, nil))
  }

  @Test("sixty workers together keep to the ceiling in every second, and do not pulse")
  func ceiling() throws {
    var all: [Duration] = []
    for shard in 0..<60 {
      let share = RateShare(
        plan: try Self.plan(shard: shard, shards: 60, rate: 200, scope: .run, workers: 60))
      var pacer = RatePacer(share: share, now: Self.start)
      all += Self.times(&pacer, seconds: 30)
    }
    all.sort()
    var first = 0
    for last in all.indices {
      while all[last] - all[first] >= .seconds(1) { first += 1 }
      #expect(last - first + 1 <= 200 + 60)
    }
    // In tenths of a second, once all have begun: an even stream has 20 in each.
    let tenths = Dictionary(grouping: all.filter { $0 > .seconds(1) && $0 < .seconds(29) }) {
      Int($0.inSeconds * 10)
    }
    #expect((11..<289).map { tenths[$0]?.count ?? 0 }.filter { !(12...28).contains($0) } == [])
  }

  @Test("slots that were missed are not saved up beyond the burst")
  func burst() {
    let share = RateShare.of(10)
    var pacer = RatePacer(share: share, now: Self.start)
    let late = Self.start + .seconds(100)
    let slots = (0..<5).map { _ in late.duration(to: pacer.reserve(at: late)) }
    #expect(slots.filter { $0 == .zero }.count == Int(RatePacer.burst))
    #expect(slots.last.map { $0 >= .milliseconds(290) } == true)
  }

  @Test(
    "refusals of one moment halve the rate once, nothing is sent while the server wants quiet, and it comes back"
  )
  func halving() {
    var pacer = RatePacer(share: .of(20), now: Self.start)
    _ = pacer.reserve(at: Self.start)
    for _ in 0..<8 { pacer.refused(at: Self.start, wait: .seconds(3)) }
    #expect(pacer.rate == 10)
    #expect(pacer.reserve(at: Self.start) >= Self.start + .seconds(3))
    _ = pacer.reserve(at: Self.start + .seconds(8))
    #expect((17...18).contains(pacer.rate ?? 0))
    _ = pacer.reserve(at: Self.start + .seconds(120))
    #expect(pacer.rate == 20)
    pacer.refused(at: Self.start + .seconds(130), wait: .zero)
    #expect(pacer.rate == 10)
  }

  @Test("without a ceiling nothing waits until the server refuses; then half of what was sent is sent")
  func noCeiling() {
    var pacer = RatePacer(share: RateShare.of(nil), now: Self.start)
    for millisecond in 0..<1000 {
      let now = Self.start + .milliseconds(millisecond)
      #expect(pacer.reserve(at: now) == now)
    }
    pacer.refused(at: Self.start + .seconds(1), wait: .seconds(1))
    #expect(((pacer.rate ?? 0) - 500).magnitude < 1)
  }

  /// Workers that know nothing of one another against a server with a ceiling for all, or for each.
  @Test(
    "many who find their own ceiling keep most of what the server allows busy and are seldom refused",
    arguments: [
      (60, 3.34, 200.0, 100.0, true), (60, 3.34, 3.34, 50.0, true), (4, 25, 200, 50, false),
      (1, 20, 400, 50, true),
    ])
  func adaptive(workers: Int, start: Double, ceiling: Double, allowed: Double, isShared: Bool) {
    var random = SeededRandom(seed: 7)
    var pacers = (0..<workers).map { worker in
      RatePacer(share: .of(start, ceiling, Double(worker) / Double(workers)), now: Self.start)
    }
    var due = pacers.indices.map { pacers[$0].reserve(at: Self.start) }
    var recent: [[ContinuousClock.Instant]] = Array(repeating: [], count: isShared ? 1 : workers)
    var (served, refused) = (0, 0)
    let seconds = 120
    while let worker = due.indices.min(by: { due[$0] < due[$1] }),
      due[worker] < Self.start + .seconds(seconds)
    {
      let (now, window) = (due[worker], isShared ? 0 : worker)
      recent[window].removeAll { $0 <= now - .seconds(1) }
      if Double(recent[window].count) < allowed {
        recent[window].append(now)
        served += 1
      } else {
        refused += 1
        pacers[worker].refused(at: now, wait: .seconds(Double.random(in: 0..<1, using: &random)))
      }
      due[worker] = pacers[worker].reserve(at: now)
    }
    let most = allowed * Double(isShared ? 1 : workers) * Double(seconds)
    #expect(Double(served) >= 0.8 * most, "\(served) of \(most)")
    #expect(Double(refused) < 0.1 * Double(served + refused), "\(refused) refused of \(served + refused)")
  }
}

extension RateShare {
  static func of(_ start: Double?, _ ceiling: Double? = nil, _ phase: Double = 0) -> RateShare {
    RateShare(start: start, ceiling: ceiling ?? start, phase: phase)
  }
}
