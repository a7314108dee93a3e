import Foundation
import TestSupport
import Testing

@testable import Dispatcher
@testable import Shared
@testable import Worker

/// Ten runs in a row in virtual time, each of which starts from the one before, while TMDB and the source change in
/// between. Dispatcher and worker are the real code; workers die, requests are throttled, base files disappear, and the
/// list of changes fails now and then.
@Suite("Ten runs in a row") struct TenRunsSimulationTests {
  private static let maxAgeDays = 30

  @Test(
    "every snapshot is that of a full run, but for edits that TMDB's list left out, which appear in time",
    arguments: Soak.seeds(20, soak: 1000))
  func tenRuns(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var history = try TenRuns(seed: seed, films: 400, &random)
    for number in 0..<10 {
      if number > 0 { history.passTime(&random) }
      let context: Comment = "seed \(seed), run \(number) on \(history.today.iso8601): \(history.settings)"
      let run = try #require(try history.run(number, maxAgeDays: Self.maxAgeDays, &random), context)
      #expect(run.isComplete && run.openLeases() == [], context)
      let snapshot = try history.snapshot(of: run)
      #expect(snapshot.wrongFiles == [], context)
      for film in history.selected {
        let found = snapshot.films[film]
        guard found != history.current(film) else { continue }
        // TMDB's list has left the last edits of this film out, and its response is not too old.
        let first = history.unlisted[film]
        #expect(found == history.previous[film], "film \(film): \(context)")
        #expect(first.map { history.today - $0 <= Self.maxAgeDays } == true, "film \(film): \(context)")
      }
      #expect(Set(snapshot.films.keys).isSubset(of: history.selected), context)
      history.record(snapshot.films)
    }
  }
}

/// What TMDB has for a film: the credits of a version of it. Nil where it has none.
private struct Version: Equatable {
  let tmdbID: Int
  let edits: Int
}

/// TMDB, S3 and the source over several runs, and what the test knows about them.
private struct TenRuns {
  struct Snapshot {
    var films: [Int: Version] = [:]
    /// Keys of the files whose bytes are not those of a file with these films.
    var wrongFiles: [String] = []
  }

  let first: SimulatedRun
  var tmdb: SimulatedTMDB { first.tmdb }
  private(set) var today = UnixDay(number: 20_600)
  private(set) var selected: [Int]
  /// What the last snapshot had.
  private(set) var previous: [Int: Version] = [:]
  /// The day of the first edit that TMDB's list left out, of films whose last edits it left out.
  private(set) var unlisted: [Int: UnixDay] = [:]
  private(set) var settings = ""
  private var lastRun: SimulatedRun?
  private let films: Int

  init(seed: UInt64, films: Int, _ random: inout SeededRandom) throws {
    self.films = films
    let isCalm = seed.isMultiple(of: 3)
    let faults = SimulatedLambda.FaultRates(
      deaths: isCalm ? 0 : .random(in: 0...0.3, using: &random), deathWithin: .seconds(15),
      suspensions: isCalm ? 0 : .random(in: 0...0.2, using: &random), suspensionMax: .seconds(120),
      latePuts: isCalm ? 0 : .random(in: 0...0.02, using: &random),
      duplicates: isCalm ? 0 : .random(in: 0...0.2, using: &random),
      lostResponses: isCalm ? 0 : .random(in: 0...0.03, using: &random))
    first = try SimulatedRun(
      seed: seed,
      .init(
        shards: 1, filmsPerShard: films, filmsPerFile: 50, workers: 1, requestsPerSecond: 40,
        lease: .seconds(30)), faults: faults)
    first.tmdb.limit = isCalm ? nil : .random(in: 30...60, using: &random)
    selected = (0..<films).filter { _ in Int.random(in: 0..<10, using: &random) < 8 }
  }

  /// Some days later: films have changed, vanished, appeared and got another id; others are in the source.
  mutating func passTime(_ random: inout SeededRandom) {
    // Sometimes the next run is on the same day, in the same folder.
    let days = Int.random(in: 0...9, using: &random)
    for _ in 0..<Int.random(in: 0...20, using: &random) {
      let film = Int.random(in: 0..<films, using: &random)
      let day = today + Int.random(in: 0...days, using: &random)
      let before = tmdb.tmdbID(of: film)
      switch Int.random(in: 0..<10, using: &random) {
      case 0, 1: tmdb.toggled.formSymmetricDifference([film])
      case 2: tmdb.renumbered.formSymmetricDifference([film])
      default: tmdb.edits[film, default: 0] += 1
      }
      if Int.random(in: 0..<6, using: &random) == 0 {
        if unlisted[film] == nil { unlisted[film] = day }
      } else {
        tmdb.changes[day, default: []] += [before, tmdb.tmdbID(of: film)]
      }
    }
    for _ in 0..<Int.random(in: 0...250, using: &random) {
      tmdb.changes[today + Int.random(in: 0...days, using: &random), default: []]
        .append(Bool.random(using: &random) ? nil : 50_000_000 + Int.random(in: 0...999, using: &random))
    }
    today = today + days
    let others = (0..<films).filter { !selected.contains($0) }
    selected.removeAll { _ in Int.random(in: 0..<40, using: &random) == 0 }
    selected = (selected + others.filter { _ in Int.random(in: 0..<10, using: &random) == 0 }).sorted()
  }

  func current(_ film: Int) -> Version? {
    tmdb.isAbsent(film) ? nil : Version(tmdbID: tmdb.tmdbID(of: film), edits: tmdb.edits[film] ?? 0)
  }

  /// Takes note of what a run has written.
  mutating func record(_ films: [Int: Version]) {
    for film in selected where films[film] == current(film) { unlisted[film] = nil }
    // A film that was not selected is new in a later run.
    for film in 0..<self.films where !selected.contains(film) { unlisted[film] = nil }
    previous = films
  }

  /// Plans a run with the dispatcher's code and carries it out.
  mutating func run(
    _ number: Int, maxAgeDays: Int, _ random: inout SeededRandom
  ) throws -> SimulatedRun? {
    var size = first.size
    size.shards = .random(in: 1...6, using: &random)
    size.filmsPerFile = .random(in: 5...80, using: &random)
    size.workers = size.shards
    size.encoding = try #require(DataFileEncoding.allCases.randomElement(using: &random))
    tmdb.refusesChanges = Int.random(in: 0..<6, using: &random) == 0
    damage(&random)
    let format = size.encoding.format.rawValue
    let compression = size.encoding.compression.rawValue
    let event = """
      {"run":"run-\(number)","refresh":"changed","maxAgeDays":\(maxAgeDays),"shards":\(size.shards),\
      "filmsPerFile":\(size.filmsPerFile),"requestsPerSecond":40,"format":"\(format)",\
      "compression":"\(compression)","onExisting":"replace"}
      """
    settings = event + (tmdb.refusesChanges ? ", list refused" : "")
    let films = selected.map(SimulatedTMDB.id)
    guard let plan = try first.prepare(event, films: films, date: today.iso8601) else { return nil }
    let run = try SimulatedRun(plan.shards, size, after: first)
    try run.run()
    _ = run.replayUntilComplete()
    lastRun = run
    return run
  }

  /// Sometimes a data file or an index of the last run is lost, or a file is not what it was.
  private func damage(_ random: inout SeededRandom) {
    guard let lastRun, Int.random(in: 0..<3, using: &random) == 0 else { return }
    let key = lastRun.dataFiles.keys.sorted().randomElement(using: &random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: key.map(lastRun.delete)
    case 1: key.map { lastRun.replace($0, with: "{}\n") }
    default: lastRun.delete(lastRun.plans[0].layout.index(shard: 0))
    }
  }

  /// Reads a run's data files with Foundation, and compares their bytes with those of files with the same films.
  func snapshot(of run: SimulatedRun) throws -> Snapshot {
    var snapshot = Snapshot()
    for plan in run.plans {
      for (index, films) in plan.files.enumerated() {
        let key = plan.key(ofFile: index + 1)
        let versions = try versions(inFile: run.content(key) ?? [], plan.encoding.format)
        snapshot.films.merge(versions) { first, _ in first }
        let expected = films.compactMap { id -> (id: String, text: String)? in
          let film = RefreshBase.number(id)
          guard let version = versions[film] else { return nil }
          let bytes = SimulatedTMDB.credits(of: film, tmdbID: version.tmdbID, edits: version.edits)
          return (id, String(decoding: bytes, as: UTF8.self))
        }
        // A response that was kept from JSON Lines has spaces in place of its line breaks, and none before its brace.
        func dense(_ bytes: some Sequence<UInt8>) -> [UInt8] { bytes.filter { ![10, 13, 32].contains($0) } }
        if run.content(key).map(dense) != dense(run.content(of: expected).utf8) {
          snapshot.wrongFiles.append(key)
        }
      }
    }
    return snapshot
  }

  private func versions(inFile content: [UInt8], _ format: FileFormat) throws -> [Int: Version] {
    let films: [String: [String: Any]]
    if format == .object {
      films = try JSONSerialization.jsonObject(with: Data(content)) as? [String: [String: Any]] ?? [:]
    } else {
      let lines = try content.split(separator: UInt8(ascii: "\n")).map {
        try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] ?? [:]
      }
      films = Dictionary(lines.map { ($0["imdb_id"] as? String ?? "", $0) }) { first, _ in first }
    }
    return Dictionary(
      films.map { id, credits in
        let cast = credits["cast"] as? [[String: Int]] ?? []
        let version = Version(tmdbID: credits["id"] as? Int ?? 0, edits: cast.first?["order"] ?? 0)
        return (RefreshBase.number(id), version)
      }
    ) { first, _ in first }
  }
}
