import TestSupport
import Testing

@testable import Shared
@testable import Worker

/// Runs that keep films of an earlier run, in virtual time. The plans are the test's own, and the expected files are
/// those of a full run, computed from the simulated TMDB.
@Suite("Refresh runs") struct RefreshSimulationTests {
  static func base(
    _ films: Int, shards: Int, filmsPerFile: Int, encoding: DataFileEncoding = DataFileEncoding(),
    timeout: Duration = .seconds(900), lease: Duration = .seconds(60), seed: UInt64 = 1
  ) throws -> RefreshBase {
    let run = try SimulatedRun(
      seed: seed,
      .init(
        shards: shards, filmsPerShard: films / shards, filmsPerFile: filmsPerFile, workers: shards,
        requestsPerSecond: 0, timeout: timeout, lease: lease, encoding: encoding))
    try run.run()
    try #require(run.isComplete && run.wrongFiles() == [])
    return RefreshBase(run)
  }

  @Test("only what has changed is requested, and files, index, report and manifest say so")
  func calm() throws {
    let base = try Self.base(1000, shards: 4, filmsPerFile: 50)
    let tmdb = base.run.tmdb
    let before = (finds: tmdb.finds, served: tmdb.served, requests: tmdb.requests)
    // 60 was absent and has appeared, 100 has vanished, and 200 has got another TMDB id.
    (tmdb.edits, tmdb.toggled, tmdb.renumbered) = ([10: 1, 500: 2, 999: 1], [60, 100], [200])
    let refresh = RefreshBase.Refresh(
      films: Array(0..<1000), changed: [10, 500, 999, 100, 200], due: [300, 301])
    let run = try base.refreshed(refresh, base.run.size)
    try run.run()
    #expect(run.isComplete && run.openLeases() == [])
    let check = RefreshCheck(run, base, refresh)
    #expect(check.differences() == [] && check.requested(since: (before.finds, before.served)) == [])
    let absent = (0..<1000).filter(SimulatedTMDB.isAbsent)
    for film in 0..<1000 {
      let find = absent.contains(film) || [100, 200].contains(film) ? 1 : 0
      let credits = [10, 500, 999, 60, 200, 300, 301].contains(film) ? 1 : 0
      #expect(tmdb.finds[film] - before.finds[film] == find, "film \(film)")
      #expect(tmdb.served[film] - before.served[film] == credits, "film \(film)")
    }
    #expect(tmdb.notFound == [100: 1, 200: 1])
    #expect(tmdb.requests - before.requests == absent.count + 7 + 2 + 2)

    var counts = RefreshCounts()
    (counts.kept, counts.changed, counts.due, counts.absent) = (1000 - absent.count - 7, 5, 2, absent.count)
    let manifest = try run.manifest()
    #expect(manifest.refresh == counts && manifest.base == base.run.plans[0].run)
    let metadata = run.store.objects["p/2026/11/25/Atores-T0-1.json"]?.metadata
    // The first file has the films 0 to 49: 7 is absent, and 10 was edited.
    #expect(metadata?["elenco-kept"] == "48" && metadata?["elenco-absent"] == "1")
    #expect(run.store.objects["p/2026/11/24/Atores-T0-1.json"]?.metadata["elenco-kept"] == nil)
    #expect(try base.run.manifest().refresh == nil && base.run.manifest().base == nil)
    #expect((0..<4).allSatisfy { run.store.writes["p/_runs/refreshed/index/T\($0).csv"] == 1 })
  }

  /// The films in another order, some of them new, in other shards, files and encodings.
  @Test(
    "whatever the base's partition and encoding, the files are those of a full run and no kept film is requested",
    arguments: DataFileEncoding.allCases, DataFileEncoding.allCases)
  func encodings(of base: DataFileEncoding, to encoding: DataFileEncoding) throws {
    for (shards, filmsPerFile, isShuffled) in [(3, 40, false), (5, 17, false), (2, 100, true)] {
      let base = try Self.base(360, shards: 3, filmsPerFile: 40, encoding: base)
      var random = SeededRandom(seed: UInt64(shards))
      let tmdb = base.run.tmdb
      let films = isShuffled ? (20..<360).shuffled(using: &random) : Array(0..<360)
      let refresh = RefreshBase.Refresh(films: films, changed: [33, 200], due: [43])
      (tmdb.edits, tmdb.toggled) = ([33: 1, 200: 1], [113])
      let before = (finds: tmdb.finds, served: tmdb.served)
      var size = base.run.size
      (size.shards, size.filmsPerFile, size.workers, size.encoding) = (shards, filmsPerFile, 2, encoding)
      let run = try base.refreshed(refresh, size)
      try run.run()
      let check = RefreshCheck(run, base, refresh)
      #expect(run.isComplete && check.differences() == [] && check.requested(since: before) == [])
    }
  }

  @Test(
    "an unchanged file is stored with the base's bytes, absent films or not",
    arguments: DataFileEncoding.allCases)
  func unchanged(encoding: DataFileEncoding) throws {
    let base = try Self.base(200, shards: 2, filmsPerFile: 25, encoding: encoding)
    let before = base.run.dataFiles
    let refresh = RefreshBase.Refresh(films: Array(0..<200))
    let run = try base.refreshed(refresh, base.run.size)
    try run.run()
    #expect(run.isComplete && RefreshCheck(run, base, refresh).differences() == [])
    let after = run.dataFiles
    #expect(after.count == 8)
    for (key, bytes) in before { #expect(after[key.replacing("/24/", with: "/25/")] == bytes, "\(key)") }
  }

  @Test(
    "a run in its base's folder replaces it, whatever the partition and encoding, and leaves no copies",
    arguments: [
      (4, 20, DataFileEncoding()), (3, 30, DataFileEncoding()), (4, 20, DataFileEncoding(.lines, .gzip)),
    ])
  func sameFolder(shards: Int, filmsPerFile: Int, encoding: DataFileEncoding) throws {
    let base = try Self.base(240, shards: 4, filmsPerFile: 20)
    let tmdb = base.run.tmdb
    tmdb.edits = [5: 1, 100: 1]
    let before = (finds: tmdb.finds, served: tmdb.served)
    let refresh = RefreshBase.Refresh(films: Array(0..<230), changed: [5, 100], date: "2026-11-24")
    var size = base.run.size
    (size.shards, size.filmsPerFile, size.encoding) = (shards, filmsPerFile, encoding)
    let run = try base.refreshed(refresh, size)
    try run.run()
    let check = RefreshCheck(run, base, refresh)
    #expect(run.isComplete && check.differences() == [] && check.requested(since: before) == [])
    let files = run.plans.reduce(0) { $0 + $1.files.count }
    #expect(run.folderKeys.count == files + 1)
    #expect(run.store.list("p/_runs/refreshed/base/").isEmpty)
  }

  @Test("hops repeat no request, and the films of files that earlier hops wrote are in the index")
  func hops() throws {
    let base = try Self.base(400, shards: 2, filmsPerFile: 20, timeout: .seconds(15))
    let tmdb = base.run.tmdb
    let changed = Set((0..<400).filter { $0 % 3 == 0 && !SimulatedTMDB.isAbsent($0) })
    tmdb.edits = Dictionary(uniqueKeysWithValues: changed.map { ($0, 1) })
    let refresh = RefreshBase.Refresh(films: Array(0..<400), changed: changed)
    var size = base.run.size
    size.requestsPerSecond = 4
    let run = try base.refreshed(refresh, size)
    let before = (
      finds: tmdb.finds, served: tmdb.served, requests: tmdb.requests, sent: run.lambda.invocations
    )
    try run.run()
    let check = RefreshCheck(run, base, refresh)
    #expect(run.isComplete && check.differences() == [])
    #expect(check.requested(since: (before.finds, before.served)) == [])
    let absent = (0..<400).count(where: SimulatedTMDB.isAbsent)
    #expect(tmdb.requests - before.requests == changed.count + absent)
    #expect(run.lambda.invocations - before.sent > 4)
    #expect(try run.manifest().refresh?.kept == 400 - changed.count - absent)
    #expect(try run.leases().allSatisfy { $0.found == nil })
  }

  enum Damage: CaseIterable { case deleted, edited, truncated, otherFilms }

  @Test(
    "films of a base file that is gone, was edited or truncated, or lacks them are fetched with their known ids",
    arguments: Damage.allCases, [DataFileEncoding(), DataFileEncoding(.lines, .gzip)])
  func damaged(damage: Damage, encoding: DataFileEncoding) throws {
    let base = try Self.base(300, shards: 3, filmsPerFile: 20, encoding: encoding)
    let run = base.run
    let refresh = RefreshBase.Refresh(films: Array(0..<300))
    var size = run.size
    (size.shards, size.filmsPerFile) = (4, 30)
    // The second file of the second shard has the films 120 to 139.
    let key = "p/2026/11/24/Atores-T1-2\(encoding.ending)"
    let bytes = try #require(run.store.objects[key]).bytes
    let lost = Set((120..<140).filter { !SimulatedTMDB.isAbsent($0) })
    if damage == .otherFilms {
      // The manifest describes this file, but it has the films 140 to 159.
      let other = try #require(run.store.objects["p/2026/11/24/Atores-T1-3\(encoding.ending)"]).bytes
      _ = run.store.put(key, other, metadata: [], .none, at: run.loop.date)
      let manifest = String(decoding: try JSONText.encode(try run.manifest()), as: UTF8.self)
      run.replace(
        "p/_runs/simulated/manifest.json",
        with: manifest.replacing(SHA256.hex(of: bytes), with: SHA256.hex(of: other)))
    }
    let refreshed = try base.refreshed(refresh, size)
    switch damage {
    case .deleted: run.delete(key)
    case .edited: _ = run.store.put(key, bytes + [10], metadata: [], .none, at: run.loop.date)
    case .truncated: _ = run.store.put(key, bytes.dropLast(9) + [], metadata: [], .none, at: run.loop.date)
    case .otherFilms: break
    }
    let before = (finds: run.tmdb.finds, served: run.tmdb.served, requests: run.tmdb.requests)
    try refreshed.run()
    let check = RefreshCheck(refreshed, base, refresh, lost: lost)
    #expect(refreshed.isComplete && check.differences() == [])
    #expect(check.requested(since: (before.finds, before.served)) == [])
    let absent = (0..<300).count(where: SimulatedTMDB.isAbsent)
    #expect(run.tmdb.requests - before.requests == lost.count + absent)
    let counts = try refreshed.manifest().refresh
    #expect(counts?.lost == lost.count && counts?.kept == 300 - absent - lost.count)
  }

  @Test("how old a response is survives from run to run, and a replay of everything fetches kept films too")
  func chain() throws {
    var base = try Self.base(150, shards: 2, filmsPerFile: 20)
    let tmdb = base.run.tmdb
    for day in 25...28 {
      let refresh = RefreshBase.Refresh(
        films: Array(0..<150), changed: [day], due: [2 * day], name: "day-\(day)", date: "2026-11-\(day)")
      tmdb.edits[day] = 1
      let run = try base.refreshed(refresh, base.run.size)
      try run.run()
      #expect(run.isComplete && RefreshCheck(run, base, refresh).differences() == [])
      #expect(try latest(run).run.description == "day-\(day)")
      base = RefreshBase(run, kept: base.kept(refresh))
    }
    #expect(Set(base.films.values.map(\.fetchedOn)).count == 5)

    // An earlier run that is replayed does not become the latest.
    base.run.lambda.send(Array(#"{"run":"day-26","shard":0,"replay":"all"}"#.utf8))
    let served = tmdb.served
    #expect(base.run.loop.run(limit: .seconds(3600)))
    #expect((0..<75).allSatisfy { tmdb.served[$0] == served[$0] + (SimulatedTMDB.isAbsent($0) ? 0 : 1) })
    #expect(try latest(base.run).run.description == "day-28")
    let index = try #require(base.run.store.objects["p/_runs/day-26/index/T0.csv"]).bytes
    let rows = String(decoding: index, as: UTF8.self).split(separator: "\n").dropFirst()
    #expect(rows.allSatisfy { $0.hasSuffix(",,,") || $0.hasSuffix(",2026-11-26") })
  }

  private func latest(_ run: SimulatedRun) throws -> LatestRun {
    try JSONText.decode(LatestRun.self, from: try #require(run.store.objects["p/_runs/_latest.json"]).bytes)
  }

  @Test(
    "despite deaths, suspensions, hops and 429s, the snapshot is that of a full run, and no kept film is requested",
    arguments: Soak.seeds(150, soak: 1500))
  func faults(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let lease = Duration.seconds(Int.random(in: 3...60, using: &random))
    let (shards, films) = (Int.random(in: 1...6, using: &random), Int.random(in: 1...60, using: &random))
    let encoding = DataFileEncoding.allCases[Int(seed % 4)]
    let base = try Self.base(
      shards * films, shards: shards, filmsPerFile: .random(in: 3...20, using: &random),
      encoding: DataFileEncoding.allCases[Int(seed / 4 % 4)],
      timeout: .seconds(Int.random(in: 10...60, using: &random)), lease: lease, seed: seed)
    let (run, tmdb) = (base.run, base.run.tmdb)
    let all = Array(0..<shards * films)
    let changed = Set(all.filter { _ in Int.random(in: 0..<5, using: &random) == 0 })
    tmdb.edits = Dictionary(uniqueKeysWithValues: changed.map { ($0, 1) })
    tmdb.toggled = changed.filter { $0 % 4 == 0 }
    tmdb.renumbered = changed.filter { $0 % 7 == 0 }
    let isSameDay = Bool.random(using: &random)
    let refresh = RefreshBase.Refresh(
      films: Bool.random(using: &random) ? all : all.shuffled(using: &random), changed: changed,
      date: isSameDay ? "2026-11-24" : "2026-11-25", lookup: .find)
    var size = run.size
    size.shards = .random(in: 1...6, using: &random)
    (size.workers, size.filmsPerFile) = (size.shards, .random(in: 3...20, using: &random))
    (size.requestsPerSecond, size.encoding) = (.random(in: 2...40, using: &random), encoding)
    let refreshed = try base.refreshed(refresh, size)
    let before = (finds: tmdb.finds, served: tmdb.served)
    tmdb.limit = Bool.random(using: &random) ? nil : .random(in: 5...30, using: &random)
    run.lambda.faults = SimulatedLambda.FaultRates(
      deaths: .random(in: 0...0.4, using: &random), deathWithin: .seconds(15),
      suspensions: .random(in: 0...0.3, using: &random), suspensionMax: lease * 3,
      latePuts: .random(in: 0...0.02, using: &random), duplicates: .random(in: 0...0.2, using: &random),
      lostResponses: .random(in: 0...0.05, using: &random))
    try refreshed.run()
    let replays = refreshed.replayUntilComplete()
    let check = RefreshCheck(refreshed, base, refresh)
    let context: Comment = "seed \(seed): \(size), same day: \(isSameDay), \(replays) replays"
    #expect(refreshed.isComplete, context)
    #expect(check.differences() == [], context)
    #expect(check.requested(since: before) == [], context)
    let manifest = try refreshed.manifest()
    #expect(manifest.refresh?.kept == check.kept.count && manifest.refresh?.lost == 0, context)
  }
}
