import TestSupport
import Testing

@testable import Dispatcher
@testable import Shared

/// A base in the very folder that the run writes to, on the same day.
@Suite("A base in the run's own folder") struct SameFolderTests {
  private static let films = (0..<240).map { "tt\(2_000_000 + 3 * $0)" }

  private static func prepare(
    _ films: [String] = films, shards: Int, fields: String = "",
    _ edit: (MemoryStore, StoredBase) -> Void = { _, _ in }
  ) throws -> (outcome: Preparing.Outcome, store: MemoryStore, base: StoredBase) {
    let base = StoredBase(films: Self.films, shards: 3, filmsPerFile: 20)
    let store = MemoryStore()
    try base.store(in: store)
    edit(store, base)
    let outcome = try Preparing(store: store).prepare(
      films, #""refresh":"changed","shards":\#(shards),"filmsPerFile":20\#(fields)"#, date: base.date)
    return (outcome, store, base)
  }

  @Test("with the same films and shards, no file is copied") func same() throws {
    let (outcome, store, base) = try Self.prepare(shards: 3)
    #expect(store.copies.isEmpty && outcome.counts.kept == 240)
    #expect(outcome.film(Self.films[0])?.file?.key == base.key(0, 1))
  }

  @Test("files that are overwritten, and whose films move, are copied first; others are named in place")
  func moved() throws {
    // One film less at the front moves the film at the front of each later file of shard 0, and so on.
    let films = Array(Self.films.dropFirst(30))
    let (outcome, store, base) = try Self.prepare(films, shards: 2)
    let newKeys = Set(outcome.plan.keys)
    var expected: Set<String> = []
    for plan in outcome.plan.shards {
      for (file, ids) in plan.files.enumerated() {
        for id in ids {
          let index = try #require(Self.films.firstIndex(of: id))
          let old = base.key(index / 80, index % 80 / 20 + 1)
          if newKeys.contains(old), old != plan.key(ofFile: file + 1) { expected.insert(old) }
        }
      }
    }
    #expect(Set(store.copies.values) == expected && !expected.isEmpty)
    #expect(store.copies.keys.allSatisfy { $0.hasPrefix("Raw/_runs/next/base/Atores-T") })
    for id in films {
      let index = try #require(Self.films.firstIndex(of: id))
      let old = base.key(index / 80, index % 80 / 20 + 1)
      let file = try #require(outcome.film(id)?.file)
      #expect(file.key == (expected.contains(old) ? store.copies.first { $0.value == old }?.key : old))
      #expect(SHA256.hex(of: try #require(store[file.key])) == file.sha256)
    }
  }

  @Test("another encoding overwrites no file of the base") func otherEncoding() throws {
    let (outcome, store, _) = try Self.prepare(shards: 2, fields: #","format":"lines""#)
    #expect(store.copies.isEmpty && outcome.counts.kept == 240)
  }

  @Test("a dry run copies nothing") func dryRun() throws {
    let (outcome, store, _) = try Self.prepare(shards: 2, fields: #","dryRun":true"#)
    #expect(store.copies.isEmpty && outcome.counts.kept == 240)
  }

  @Test("on another day, no file is copied") func otherDay() throws {
    let base = StoredBase(films: Self.films, shards: 3, filmsPerFile: 20)
    let store = MemoryStore()
    try base.store(in: store)
    let outcome = try Preparing(store: store).prepare(Self.films, #""refresh":"changed","shards":2"#)
    #expect(store.copies.isEmpty && outcome.counts.kept == 240)
  }
}
