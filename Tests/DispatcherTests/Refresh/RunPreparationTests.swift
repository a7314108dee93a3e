import Foundation
import TestSupport
import Testing

@testable import Dispatcher
@testable import Shared

/// What a run with `"refresh": "changed"` keeps and fetches, compared with sets that the tests choose.
@Suite("Preparation of a run that starts from a base") struct RunPreparationTests {
  private static let films = (0..<300).map { "tt\(1_000_000 + 3 * $0)" }
  /// The base has all but the last 20 films, in 3 shards.
  private static let known = Array(films.prefix(280))
  private static let absent = Set(stride(from: 5, to: 280, by: 40).map { films[$0] })
  private static let changed = Set(stride(from: 8, to: 280, by: 30).map { films[$0] })
  private static let old = Set(stride(from: 11, to: 280, by: 35).map { films[$0] })
  private static var edits: [String] {
    changed.sorted().enumerated().map { "on=2026-11-2\($0 % 9) id=\($1) change" }
      // The day before the base counts, the one before that does not. A film that no run has does not matter.
      + [
        "on=2026-11-19 id=\(films[100]) change", "on=2026-11-18 id=\(films[101]) change",
        "on=2026-11-25 null",
      ]
      + ["on=2026-11-26 others=250"]
  }

  private static func base() -> StoredBase {
    var base = StoredBase(films: known, shards: 3, filmsPerFile: 20)
    base.absent = absent
    // 91 days at the date of the run, 8 days after the base's, are above every limit up to 90.
    base.ages = Dictionary(uniqueKeysWithValues: old.map { ($0, 83) })
    return base
  }

  private static func prepare(
    _ base: StoredBase, shards: Int = 4, _ edit: (inout Preparing) throws -> Void = { _ in }
  ) throws -> Preparing.Outcome {
    var preparing = Preparing(store: MemoryStore(), edits: edits)
    try base.store(in: preparing.store)
    try edit(&preparing)
    return try preparing.prepare(films, #""refresh":"changed","shards":\#(shards),"filmsPerFile":20"#)
  }

  private static func check(_ outcome: Preparing.Outcome, base: StoredBase, isAgeKnown: Bool = true) {
    let changed = changed.union([films[100]])
    let due = (isAgeKnown ? old : []).subtracting(changed)
    for (index, id) in films.enumerated() {
      guard let (film, file) = outcome.film(id) else {
        Issue.record("no plan has \(id)")
        continue
      }
      let isKnown = index < 280 && !absent.contains(id)
      #expect(film.tmdbID == (isKnown ? StoredBase.tmdbID(id) : nil), "\(id)")
      let isKept = isKnown && !changed.contains(id) && !due.contains(id)
      #expect((film.kept != nil) == isKept, "\(id)")
      guard isKept, let file else { continue }
      let size = (280 + 2) / 3
      let key = base.key(index / size, index % size / 20 + 1)
      #expect(file.key == key)
      #expect(film.kept?.fetchedOn.iso8601 == "2026-11-20")
    }
    var counts = RefreshCounts()
    (counts.changed, counts.new, counts.due, counts.absent) = (changed.count, 20, due.count, absent.count)
    counts.kept = 300 - counts.fetched
    #expect(outcome.counts == counts)
    #expect(outcome.plan.refresh?.base.description == "base")
  }

  @Test("each film is kept or fetched for the reason that applies, with its TMDB id if the base knows it")
  func decisions() throws {
    let outcome = try Self.prepare(Self.base())
    Self.check(outcome, base: Self.base())
    #expect(outcome.warnings.isEmpty)
    // 261 entries from 2026-11-19 to 2026-11-28, on 3 pages.
    #expect(outcome.paths.count == 3 && outcome.requests == 3)
    // Changed and due films take one request, new ones two, and absent ones one find.
    let counts = outcome.counts
    #expect(outcome.forecast.requests == 3 + counts.changed + counts.due + 2 * 20 + counts.absent)
    // Each file of the base is named once in a plan, with the hash of its bytes.
    for plan in outcome.plan.shards {
      let files = plan.base?.files ?? []
      #expect(Set(files.map(\.key)).count == files.count && !files.isEmpty)
    }
  }

  @Test("hashes of the base's files are those of their bytes") func hashes() throws {
    let store = MemoryStore()
    try Self.base().store(in: store)
    let outcome = try Preparing(store: store).prepare(Self.films)
    for file in outcome.plan.shards.flatMap({ $0.base?.files ?? [] }) {
      #expect(SHA256.hex(of: try #require(store[file.key])) == file.sha256)
    }
  }

  @Test(
    "shards without a usable index are read from their data files",
    arguments: [".json", ".jsonl"], ["", "id,tmdb_id\n", "id,tmdb_id,file,fetched\ntt1,2,3\n"])
  func noIndex(ending: String, index: String) throws {
    var base = Self.base()
    base.ending = ending
    let outcome = try Self.prepare(base) { preparing in
      for shard in 0..<3 {
        preparing.store["Raw/_runs/base/index/T\(shard).csv"] = index.isEmpty ? nil : Array(index.utf8)
      }
    }
    Self.check(outcome, base: base, isAgeKnown: false)
    #expect(outcome.warnings.count == 1 && outcome.warnings[0].contains("3 of its 3 shards"))
  }

  @Test("one damaged index does not concern the other shards") func oneIndex() throws {
    let outcome = try Self.prepare(Self.base()) { $0.store["Raw/_runs/base/index/T1.csv"] = [1] }
    let due = Self.old.subtracting(Self.changed).filter { id in
      // The second shard has the films from 94 on.
      !(94..<188).contains(Self.films.firstIndex(of: id) ?? 0)
    }
    #expect(outcome.counts.due == due.count && outcome.counts.absent == Self.absent.count)
  }

  @Test("the films of a file that is gone or was cut are fetched with their known ids") func gone() throws {
    let base = Self.base()
    let outcome = try Self.prepare(base) { preparing in
      preparing.store[base.key(0, 1)] = nil
      preparing.store[base.key(2, 3)]?.removeLast()
    }
    #expect(outcome.warnings.count == 1 && outcome.warnings[0].contains("2 of the 15 data files"))
    let full = try Self.prepare(base)
    #expect(outcome.counts.kept + outcome.counts.lost == full.counts.kept)
    let files = [base.key(0, 1), base.key(2, 3)]
    let expected = Self.films.filter { id in full.film(id)?.file.map { files.contains($0.key) } ?? false }
    #expect(outcome.counts.lost == expected.count && expected.count > 30)
    for id in expected {
      #expect(outcome.film(id)?.film == .init(tmdbID: StoredBase.tmdbID(id), kept: nil))
    }
    #expect(outcome.forecast.requests == full.forecast.requests + expected.count)
  }

  @Test(
    "without TMDB's list of changes, every known film is fetched with one request, and a warning says why",
    arguments: [
      ("every=1 status=400", "400 Bad Request"), ("every=1 status=404", "404 Not Found"), (nil, "time"),
    ])
  func listRefused(rule: String?, words: String) throws {
    let outcome = try Self.prepare(Self.base()) { preparing in
      if let rule { preparing.rules = [rule] } else { preparing.seconds = 0 }
    }
    #expect(outcome.counts.kept == 0 && outcome.counts.changed == 280 - Self.absent.count)
    #expect((outcome.counts.new, outcome.counts.absent) == (20, Self.absent.count))
    #expect(outcome.warnings.count == 1, "\(outcome.warnings)")
    #expect(outcome.warnings[0].contains(words) && outcome.warnings[0].contains("2026-11-19"))
    #expect(outcome.film(Self.films[0])?.film.tmdbID == StoredBase.tmdbID(Self.films[0]))
  }

  @Test("a base that is older than maxAgeDays keeps nothing, and the list is not asked for") func tooOld()
    throws
  {
    let store = MemoryStore()
    try Self.base().store(in: store)
    for (days, isKept) in [(8, true), (7, false)] {
      let outcome = try Preparing(store: store).prepare(
        Self.films, #""refresh":"changed","maxAgeDays":\#(days)"#)
      #expect(outcome.paths.isEmpty == !isKept)
      #expect((outcome.counts.kept > 0) == isKept)
      #expect(outcome.warnings.isEmpty == isKept)
      if !isKept { #expect(outcome.warnings[0].contains("older than \"maxAgeDays\": 7")) }
    }
  }

  @Test("without a complete run, the first run of a schedule is a full one, and a warning says so")
  func first() throws {
    let outcome = try Preparing(store: MemoryStore()).prepare(Self.films)
    #expect(outcome.plan.refresh == nil && outcome.plan.shards.allSatisfy { $0.base == nil })
    #expect(outcome.warnings.count == 1 && outcome.warnings[0].contains("_runs/_latest.json does not exist"))
    #expect(outcome.forecast.requests == 600 && outcome.paths.isEmpty)
  }

  @Test(
    "a newest run that cannot be a base gives a full run with a warning; named, it is refused",
    arguments: ["incomplete", "was cancelled", "cannot be read", "does not exist", "has not ended"])
  func unusable(words: String) throws {
    var base = Self.base()
    if words == "incomplete" { base.isComplete = false }
    if words == "was cancelled" { base.cancelledAt = "2026-11-20T03:30:00.000Z" }
    let store = MemoryStore()
    try base.store(in: store)
    let manifest = "Raw/_runs/base/manifest.json"
    if words == "cannot be read" { store[manifest]?.removeLast() }
    if words.hasSuffix("exist") || words.hasSuffix("ended") { store[manifest] = nil }
    if words.hasSuffix("ended") { store["Raw/_runs/base/shards/T0.json"] = [1] }
    let outcome = try Preparing(store: store).prepare(Self.films)
    #expect(outcome.plan.refresh == nil)
    #expect(outcome.warnings.count == 1 && outcome.warnings[0].contains(words), "\(outcome.warnings)")
    let error = #expect(throws: BaseRefused.self) {
      try Preparing(store: store).prepare(Self.films, #""refresh":"changed","base":"base""#)
    }
    #expect(error?.description.contains("\"base\"") == true && error?.description.contains(words) == true)
  }

  @Test("a named base is taken instead of the newest run") func named() throws {
    let store = MemoryStore()
    try Self.base().store(in: store)
    var other = Self.base()
    (other.run, other.date, other.isLatest) = ("other", "2026-11-10", false)
    try other.store(in: store)
    // The day before the older base's date counts, the one before that does not.
    let edits = ["on=2026-11-09 id=\(Self.films[0]) change", "on=2026-11-08 id=\(Self.films[1]) change"]
    let outcome = try Preparing(store: store, edits: edits)
      .prepare(Self.films, #""refresh":"changed","base":"other""#)
    #expect(outcome.plan.refresh?.base.description == "other")
    #expect(outcome.counts.changed == 1)
    #expect(try Preparing(store: store, edits: edits).prepare(Self.films).counts.changed == 0)
  }

  @Test("a run is never its own base") func itself() throws {
    let store = MemoryStore()
    var own = Self.base()
    own.run = "next"
    try own.store(in: store)
    let outcome = try Preparing(store: store).prepare(Self.films, #""refresh":"changed","base":"next""#)
    #expect(outcome.plan.refresh == nil && outcome.warnings.count == 1)
  }

  @Test("a token that TMDB refuses is an error") func token() throws {
    let store = MemoryStore()
    try Self.base().store(in: store)
    var preparing = Preparing(store: store)
    preparing.token = "wrong"
    let error = #expect(throws: TMDBFailure.self) { try preparing.prepare(Self.films) }
    #expect(error?.errorType == "TokenRefused")
  }
}
