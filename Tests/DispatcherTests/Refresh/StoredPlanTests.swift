import TestSupport
import Testing

@testable import Dispatcher
@testable import Shared

/// A dispatcher that is invoked again for a run whose plans are stored.
@Suite("Plans that an earlier attempt has stored") struct StoredPlanTests {
  private static let films = (0..<400).map { "tt\(3_000_000 + 3 * $0)" }
  private static let refresh = #""refresh":"changed","shards":4,"filmsPerFile":20"#

  private static func store(_ outcome: Preparing.Outcome, in store: MemoryStore, shards: Range<Int> = 0..<4)
    throws
  {
    for plan in outcome.plan.shards[shards] {
      store[plan.layout.plan(shard: plan.shard)] = try ShardPlanEncoder.encode(plan)
    }
  }

  private static func base() throws -> MemoryStore {
    let store = MemoryStore()
    try StoredBase(films: films, shards: 3, filmsPerFile: 20).store(in: store)
    return store
  }

  @Test("all stored: they are taken as they are, and TMDB is not asked") func complete() throws {
    let store = try Self.base()
    let first = try Preparing(store: store, edits: ["on=2026-11-25 id=\(Self.films[7]) change"])
      .prepare(Self.films, Self.refresh)
    #expect(first.counts.changed == 1)
    try Self.store(first, in: store)
    // In the meantime a newer run has been completed, and TMDB lists another change.
    var newer = StoredBase(films: Self.films, shards: 2, filmsPerFile: 20)
    newer.run = "newer"
    try newer.store(in: store)
    let second = try Preparing(store: store, edits: ["on=2026-11-25 others=300"])
      .prepare(Self.films, Self.refresh, isPlanned: true)
    #expect(second.plan.shards == first.plan.shards && second.paths.isEmpty && second.warnings.isEmpty)
    #expect(second.counts == first.counts)
  }

  @Test("some stored: the others start from the same base") func partial() throws {
    let store = try Self.base()
    let first = try Preparing(store: store).prepare(Self.films, Self.refresh)
    try Self.store(first, in: store, shards: 1..<3)
    var newer = StoredBase(films: Self.films, shards: 2, filmsPerFile: 20)
    newer.run = "newer"
    try newer.store(in: store)
    let second = try Preparing(store: store).prepare(Self.films, Self.refresh, isPlanned: true)
    #expect(second.plan.shards == first.plan.shards)
  }

  @Test("stored plans of a full run stay those of a full run") func full() throws {
    let store = MemoryStore()
    let first = try Preparing(store: store).prepare(Self.films, Self.refresh)
    try Self.store(first, in: store, shards: 0..<2)
    try StoredBase(films: Self.films, shards: 3, filmsPerFile: 20).store(in: store)
    let second = try Preparing(store: store).prepare(Self.films, Self.refresh, isPlanned: true)
    #expect(second.plan.shards == first.plan.shards && second.plan.refresh == nil)
  }

  @Test("the chosen lookup is taken again") func lookup() throws {
    let store = MemoryStore()
    let first = try Preparing(store: store).prepare(Self.films, #""lookup":"auto""#)
    #expect(first.lookup?.taken == .direct && first.plan.shards.allSatisfy { $0.lookup == .direct })
    #expect(first.forecast.requests == first.requests + 400 && first.requests >= 180)
    try Self.store(first, in: store, shards: 0..<1)
    let second = try Preparing(store: store, rules: ["every=1 status=500"])
      .prepare(Self.films, #""lookup":"auto""#, isPlanned: true)
    #expect(second.plan.shards == first.plan.shards && second.paths.isEmpty)
    #expect(second.lookup?.taken == .direct)
  }

  @Test(
    "plans with other films or settings are refused",
    arguments: [
      #""refresh":"changed","shards":4,"filmsPerFile":10"#, #""lookup":"auto","shards":4,"filmsPerFile":20"#,
    ])
  func others(event: String) throws {
    let store = try Self.base()
    try Self.store(Preparing(store: store).prepare(Self.films, Self.refresh), in: store)
    #expect(throws: RunExists.self) {
      try Preparing(store: store).prepare(Self.films, event, isPlanned: true)
    }
    #expect(throws: RunExists.self) {
      try Preparing(store: store).prepare(Array(Self.films.reversed()), Self.refresh, isPlanned: true)
    }
  }

  @Test("a sample is asked for only as many new films as a base leaves") func lookupWithBase() throws {
    let store = try Self.base()
    let few = try Preparing(store: store).prepare(
      Self.films + ["tt9999999"], #""refresh":"changed","lookup":"auto""#)
    #expect(few.lookup?.taken == .find && few.requests == 1)
    let many = try Preparing(store: store).prepare(
      Self.films + (0..<300).map { "tt\(4_000_000 + 3 * $0)" }, #""refresh":"changed","lookup":"auto""#)
    #expect(many.lookup?.taken == .direct && many.plan.shards.allSatisfy { $0.lookup == .direct })
  }

  @Test("a run that fetches every film by a given lookup does not need TMDB's token") func noToken() throws {
    var preparing = Preparing(store: MemoryStore())
    preparing.token = "wrong"
    let outcome = try preparing.prepare(Self.films, #""lookup":"direct""#)
    #expect(outcome.lookup == nil && outcome.plan.shards.allSatisfy { $0.lookup == .direct })
    #expect(outcome.forecast.requests == 400)
  }
}
