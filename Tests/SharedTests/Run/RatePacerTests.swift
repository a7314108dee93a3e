import TestSupport
import Testing

@testable import Shared

@Suite("Rate pacer") struct RatePacerTests {
  private static let start = ContinuousClock.now

  private static func plan(shard: Int, shards: Int, rate: Double, scope: RateScope, workers: Int) throws
    -> ShardPlan
  {
    ShardPlan(
      run: try #require(RunName("r")), date: "2026-11-24", shard: shard, shards: shards,
      destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: 100, requestsPerSecond: rate,
      rateScope: scope, workers: workers, lookup: .find, genres: ["Drama"], films: [])
  }

  /// The send times of a client that uses every slot of the pacer, over a number of seconds of virtual time.
  private static func times(_ pacer: inout RatePacer, seconds: Int) -> [Duration] {
    var (now, times) = (start, [Duration]())
    while now < start + .seconds(seconds) {
      now = pacer.reserve(at: now).time
      times.append(start.duration(to: now))
    }
    return times
  }

  @Test(
    "the rate scope determines a worker's share and ceiling",
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
    #expect(learned.evenShare == start)
    let free = RateShare(plan: try Self.plan(shard: 0, shards: 60, rate: 0, scope: scope, workers: workers))
    #expect((free.start, free.ceiling) == (nil, nil))
  }

  @Test("sixty workers together stay within the ceiling in every second and send evenly")
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
    // In tenths of a second, after every worker has started: an even stream has 20 requests in each.
    let tenths = Dictionary(grouping: all.filter { $0 > .seconds(1) && $0 < .seconds(29) }) {
      Int($0.inSeconds * 10)
    }
    #expect((11..<289).map { tenths[$0]?.count ?? 0 }.filter { !(12...28).contains($0) } == [])
  }

  @Test("missed slots accumulate only up to the burst")
  func burst() {
    let share = RateShare.of(10)
    var pacer = RatePacer(share: share, now: Self.start)
    let late = Self.start + .seconds(100)
    let slots = (0..<5).map { _ in late.duration(to: pacer.reserve(at: late).time) }
    #expect(slots.filter { $0 == .zero }.count == Int(RatePacer.burst))
    #expect(slots.last.map { $0 >= .milliseconds(290) } == true)
  }

  @Test("of the slots that pass while a worker is suspended, only as many as the burst are used")
  func suspension() {
    var pacer = RatePacer(share: .of(10), now: Self.start)
    let slots = (0..<20).map { _ in pacer.reserve(at: Self.start) }
    let late = Self.start + .seconds(100)
    var used = 0
    for slot in slots where pacer.use(slot, at: late) { used += 1 }
    #expect(used == Int(RatePacer.burst))
    let next = pacer.reserve(at: late)
    #expect(next.time == late + .milliseconds(100))
    let isUsed = pacer.use(next, at: next.time)
    #expect(isUsed)
  }

  @Test("punctual slots are all used, also by timers that are late by up to an interval")
  func punctual() {
    var pacer = RatePacer(share: .of(10), now: Self.start)
    for number in 0..<100 {
      let slot = pacer.reserve(at: Self.start + .milliseconds(100 * number))
      let isUsed = pacer.use(slot, at: slot.time + .milliseconds([0, 30, 99][number % 3]))
      #expect(isUsed, "request \(number)")
    }
  }

  @Test("another limit applies immediately, and invalidates slots of the old rate")
  func limits() {
    var pacer = RatePacer(share: .of(1), now: Self.start)
    let slow = (0..<3).map { _ in pacer.reserve(at: Self.start) }
    let isUsed = pacer.use(slow[0], at: Self.start)
    pacer.limit(to: 10, at: Self.start + .milliseconds(500))
    #expect(isUsed && pacer.rate == 10 && pacer.learned == 10)
    #expect(!pacer.isValid(slow[1]))
    #expect(pacer.reserve(at: Self.start + .milliseconds(500)).time == Self.start + .seconds(1))
    pacer.limit(to: 0.5, at: Self.start + .seconds(2))
    // The next worker starts with its planned share at least: nothing was refused.
    #expect(pacer.rate == 0.5 && pacer.learned == 1)
  }

  @Test(
    "a rate that was learned from refusals falls with the limit by the same factor, and does not rise with it"
  )
  func learnedLimits() {
    var pacer = RatePacer(share: .of(4), now: Self.start)
    pacer.limit(to: 4, at: Self.start)
    pacer.refused(at: Self.start + .seconds(10))
    #expect(pacer.rate == 2)
    pacer.limit(to: 8, at: Self.start + .seconds(10))
    #expect(pacer.rate == 2)
    pacer.limit(to: 2, at: Self.start + .seconds(10))
    #expect(pacer.rate == 0.5)
  }

  @Test(
    "a higher limit long after a refusal does not raise the rate at once, and the rate grows to it",
    arguments: [2.0, 6, 12, 20, 24] as [Double])
  func growsToLimit(seconds: Double) {
    var pacer = RatePacer(share: .of(4), now: Self.start)
    pacer.limit(to: 4, at: Self.start)
    pacer.refused(at: Self.start)
    let now = Self.start + .seconds(seconds)
    _ = pacer.reserve(at: now)
    let before = pacer.rate ?? 0
    pacer.limit(to: 16, at: now)
    #expect(before < 4 && ((pacer.rate ?? 0) - before).magnitude < 1e-6, "\(before), \(pacer.rate ?? 0)")
    _ = pacer.reserve(at: now + .seconds(1))
    #expect(pacer.rate.map { $0 > before && $0 < before + 1 } == true, "\(pacer.rate ?? 0)")
    _ = pacer.reserve(at: now + .seconds(60))
    #expect(pacer.rate == 16)
  }

  @Test(
    "simultaneous refusals halve the rate once, nothing is sent during the requested wait, and the rate recovers"
  )
  func halving() {
    var pacer = RatePacer(share: .of(20), now: Self.start)
    for response in 1...60 { pacer.served(at: Self.start + .milliseconds(50 * response)) }
    let refused = Self.start + .seconds(3)
    let early = pacer.reserve(at: refused)
    #expect(pacer.isValid(early))
    for _ in 0..<8 { pacer.refused(at: refused, wait: .seconds(3)) }
    #expect(pacer.rate == 10)
    // A slot reserved before the refusals is void, and the next one comes after the wait.
    #expect(!pacer.isValid(early))
    #expect(pacer.reserve(at: refused).time == refused + .seconds(3) + .milliseconds(100))
    _ = pacer.reserve(at: refused + .seconds(5))
    #expect((18...19).contains(pacer.rate ?? 0), "\(pacer.rate ?? 0)")
    #expect((18...19).contains(pacer.learned ?? 0))
    _ = pacer.reserve(at: refused + .seconds(120))
    #expect(pacer.rate == 20)
    for response in 1...60 { pacer.served(at: refused + .seconds(127) + .milliseconds(50 * response)) }
    pacer.refused(at: refused + .seconds(130))
    #expect(pacer.rate == 10)
  }

  @Test("a refusal reduces the rate to between 40 % and 50 %, however much is refused")
  func nothingServed() {
    var pacer = RatePacer(share: .of(20), now: Self.start)
    for minute in 1...6 {
      let now = Self.start + .seconds(60 * minute)
      _ = pacer.reserve(at: now)
      let before = pacer.rate ?? 0
      pacer.refused(at: now)
      #expect(pacer.rate.map { $0 >= before * 0.4 - 1e-9 && $0 <= before / 2 } == true)
      // A refusal right after it counts as the same one.
      let after = pacer.rate
      pacer.refused(at: now + .milliseconds(900))
      #expect(pacer.rate == after)
    }
  }

  @Test(
    "a refusal skips one to three requests at random, because the server's window is still full",
    arguments: [(0, 100), (0.5, 200), (0.75, 250)])
  func skipped(chance: Double, milliseconds: Int) {
    var pacer = RatePacer(share: .of(20), now: Self.start)
    _ = pacer.reserve(at: Self.start)
    pacer.refused(at: Self.start, sentAt: Self.start, wait: .zero, chance: chance)
    #expect(pacer.rate == 10)
    #expect(pacer.reserve(at: Self.start).time == Self.start + .milliseconds(milliseconds))
  }

  @Test(
    "a server that refuses everything gets at most half of the share's requests, however short its Retry-After",
    arguments: [40.0 / 60, 0.1, 0.04], [Duration.zero, .milliseconds(100), .seconds(1)])
  func refusesAll(share: Double, wait: Duration) {
    var pacer = RatePacer(share: .of(share), now: Self.start)
    var (now, sent) = (Self.start, 0)
    let seconds = 40 / share
    while now < Self.start + .seconds(seconds) {
      now = pacer.reserve(at: now).time
      sent += 1
      pacer.refused(at: now, sentAt: now, wait: wait, chance: Double(sent % 10) / 10)
    }
    #expect(sent <= 20, "\(sent) requests; the share is 40")
  }

  @Test("a refusal also reduces the rate of a tiny share whose ceiling is the whole run's rate")
  func smallPart() throws {
    let plan = try Self.plan(shard: 0, shards: 1000, rate: 40, scope: .adaptive, workers: 1000)
    var pacer = RatePacer(share: RateShare(plan: plan), now: Self.start)
    for refusal in 1...5 {
      pacer.refused(at: Self.start + .seconds(60 * refusal))
      #expect(pacer.rate.map { $0 >= 0.01 && $0 <= 0.03 } == true, "\(pacer.rate ?? 0)")
    }
  }

  @Test("requests in flight at a halving do not halve the rate again, however late they are refused")
  func lateRefusals() {
    var pacer = RatePacer(share: .of(40), now: Self.start)
    let sent = Self.start + .seconds(10)
    for tenth in 1...30 {
      pacer.refused(at: sent + .milliseconds(100 * tenth), sentAt: sent, wait: .zero, chance: 0.5)
    }
    #expect(pacer.rate == 20)
    pacer.refused(at: sent + .seconds(4), sentAt: sent + .milliseconds(3900), wait: .zero, chance: 0.5)
    #expect(pacer.rate.map { $0 < 20 } == true)
  }

  @Test("before the first refusal, the rate doubles every two seconds, and at most once per request")
  func doubling() {
    var often = RatePacer(share: .of(1, 1000), now: Self.start)
    for tenth in 1...60 { _ = often.reserve(at: Self.start + .milliseconds(100 * tenth)) }
    #expect(often.rate.map { (7...8.01).contains($0) } == true, "\(often.rate ?? 0)")
    var seldom = RatePacer(share: .of(0.02, 1000), now: Self.start)
    _ = seldom.reserve(at: Self.start + .seconds(50))
    #expect(seldom.rate == 0.04)
  }

  @Test(
    "workers of a run that are refused equally often converge to equal rates, whatever rates they learned before"
  )
  func fairness() throws {
    let plan = try Self.plan(shard: 0, shards: 4, rate: 40, scope: .adaptive, workers: 4)
    var slow = RatePacer(share: RateShare(plan: plan, learned: 4), now: Self.start)
    var fast = RatePacer(share: RateShare(plan: plan, learned: 16), now: Self.start)
    for refusal in 1...8 {
      let now = Self.start + .seconds(10 * refusal)
      for time in stride(from: -9.0, through: 0, by: 1) {
        _ = slow.reserve(at: now + .seconds(time))
        _ = fast.reserve(at: now + .seconds(time))
      }
      slow.refused(at: now)
      fast.refused(at: now)
    }
    let (least, most) = (try #require(slow.learned), try #require(fast.learned))
    #expect(most < 1.25 * least, "\(least), \(most)")
    #expect(least > 2)
  }

  @Test("a share below the minimum rate is not exceeded, and a refusal still reduces it")
  func smallShare() {
    var pacer = RatePacer(share: .of(0.04), now: Self.start)
    for minute in 1...30 {
      let now = Self.start + .seconds(60 * minute)
      _ = pacer.reserve(at: now)
      if minute % 10 == 0 { pacer.refused(at: now) }
      #expect(pacer.rate.map { $0 >= 0.005 && $0 <= 0.04 } == true, "\(pacer.rate ?? 0)")
    }
  }

  @Test("a wait longer than the elapsed time does not inflate the measured rate of served requests")
  func longWait() {
    var pacer = RatePacer(share: .of(200), now: Self.start)
    for response in 0..<75 { pacer.served(at: Self.start + .milliseconds(20 * response)) }
    pacer.refused(at: Self.start + .milliseconds(1500), wait: .seconds(60))
    _ = pacer.reserve(at: Self.start + .seconds(63))
    // The server served 50 requests per second; 200 per second were sent.
    #expect(pacer.rate.map { $0 < 100 } == true, "\(pacer.rate ?? 0)")
  }

  @Test("a later worker starts at the learned rate, and the rate does not double from there")
  func learned() throws {
    let plan = try Self.plan(shard: 0, shards: 4, rate: 200, scope: .adaptive, workers: 4)
    var pacer = RatePacer(share: RateShare(plan: plan, learned: 20), now: Self.start)
    _ = pacer.reserve(at: Self.start + .seconds(4))
    #expect((20...22).contains(pacer.rate ?? 0))
    // Nothing was refused, so the next worker may start one step higher.
    #expect((30...33).contains(pacer.learned ?? 0))
  }

  @Test(
    "without a ceiling, requests do not wait; after the first refusal, the rate is half of the served rate")
  func noCeiling() {
    var pacer = RatePacer(share: RateShare.of(nil), now: Self.start)
    for millisecond in 0..<1000 {
      let now = Self.start + .milliseconds(millisecond)
      #expect(pacer.reserve(at: now).time == now)
      pacer.served(at: now)
    }
    pacer.refused(at: Self.start + .seconds(1))
    #expect(((pacer.rate ?? 0) - 500).magnitude < 1)
  }
}

extension RatePacer {
  /// Notes the refusal of a request that was sent at `now`.
  fileprivate mutating func refused(at now: ContinuousClock.Instant, wait: Duration = .zero) {
    refused(at: now, sentAt: now, wait: wait, chance: 0.5)
  }
}

extension RateShare {
  static func of(_ start: Double?, _ ceiling: Double? = nil, _ phase: Double = 0) -> RateShare {
    RateShare(
      start: start, ceiling: ceiling ?? start, phase: phase, evenShare: start, isLearned: false)
  }
}
