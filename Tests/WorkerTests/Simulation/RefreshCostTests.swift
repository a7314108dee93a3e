import Foundation
import TestSupport
import Testing

@testable import Dispatcher
@testable import Shared
@testable import Worker

/// What a run costs that starts from another one, against a full run, in virtual time. Dispatcher and worker are the
/// real code.
@Suite("Cost of a second run") struct RefreshCostTests {
  /// `make soak` has the films of the reference selection, in files of 100; otherwise it is a tenth of them.
  private static let scale = Soak.isEnabled ? 1 : 10
  private static let films = 59_004 / scale
  /// Films that a later selection has instead of others.
  private static let newFilms = films / 200

  @Test("with 2 % of the films changed it takes a twentieth of the requests, whatever the base looks like")
  func changes() throws {
    let history = try CostHistory(films: Self.films + Self.newFilms, filmsPerFile: 100 / Self.scale)
    let selection = Array(0..<Self.films)
    let full = try history.run("full", on: "2026-11-10", selection)
    #expect(full.run.isComplete && full.run.wrongFiles() == [])
    #expect(abs(full.forecast.requests / full.requests - 1) < 0.1)

    func expectCheap(_ cost: CostHistory.Cost, _ comment: Comment) throws {
      #expect(cost.run.isComplete && cost.run.wrongFiles() == [] && cost.run.openLeases() == [], comment)
      #expect(cost.requests <= 0.05 * full.requests, "\(comment): \(cost.requests) of \(full.requests)")
      #expect(cost.seconds < 180, "\(comment): \(cost.seconds) s")
      #expect(cost.s3Requests <= 2 * full.s3Requests, "\(comment): \(cost.s3) and \(full.s3)")
      #expect(
        abs(cost.forecast.requests / cost.requests - 1) < 0.1,
        "\(comment): \(cost.forecast.requests) forecast, \(cost.requests) sent")
    }
    let changed = history.edit(share: 0.02, of: selection, on: "2026-11-14")
    let second = try history.run("second", on: "2026-11-17", refresh: true, selection)
    try expectCheap(second, "2 % changed")
    #expect(try second.run.manifest().refresh?.changed == changed)

    _ = history.edit(share: 0.02, of: selection, on: "2026-11-17")
    try expectCheap(
      try history.run("same-folder", on: "2026-11-17", refresh: true, selection), "in the same folder")
    let shards = try history.run("shards", on: "2026-11-17", refresh: true, shards: 11, selection)
    try expectCheap(shards, "in the same folder, with 11 shards")

    let others = Array(selection.dropFirst(Self.newFilms)) + (Self.films..<Self.films + Self.newFilms)
    let lines = DataFileEncoding(.lines, .gzip)
    try expectCheap(
      try history.run("lines", on: "2026-11-19", refresh: true, encoding: lines, others),
      "with other films, as JSON Lines")

    // Three of the base's files are gone, and one has another response of the same length.
    let files = shards.run.dataFiles.keys.sorted()
    files[..<3].forEach(shards.run.delete)
    let text = String(decoding: try #require(shards.run.store.objects[files[3]]).bytes, as: UTF8.self)
    shards.run.replace(files[3], with: text.replacing(#""crew":[]"#, with: #""crew":{}"#, maxReplacements: 1))
    let damaged = try history.run("damaged", on: "2026-11-20", refresh: true, base: "shards", selection)
    try expectCheap(damaged, "from damaged files")
    #expect(try damaged.run.manifest().refresh?.lost ?? 0 > 0)
  }

  /// For `make bench`: writes a table as JSON to the file that ELENCO_COST_TABLE names.
  @Test(
    "costs for the benchmark", .enabled(if: Self.costTable != nil, "only `make bench` runs this"),
    arguments: Self.costTable?.sizes ?? [])
  func table(size: CostTable.Size) throws {
    let history = try CostHistory(films: size.films, filmsPerFile: 100)
    let selection = Array(0..<size.films)
    let full = try history.run("full", on: "2026-11-10", selection)
    _ = history.edit(share: size.changed, of: selection, on: "2026-11-14")
    let second = try history.run("second", on: "2026-11-17", refresh: true, selection)
    #expect(second.run.isComplete && second.run.wrongFiles() == [])
    try Self.costTable?.append(size, full, second)
  }

  private static let costTable = CostTable(environment: ProcessInfo.processInfo.environment)
}

/// Several runs of one bucket, each with its costs.
struct CostHistory {
  struct Cost {
    let run: SimulatedRun
    /// What the dispatcher forecast.
    let forecast: (requests: Double, seconds: Double)
    /// Requests to TMDB, those of the dispatcher too.
    let requests: Double
    /// From the dispatcher's first request to the end of the run.
    let seconds: Double
    /// Requests to S3 by operation, without those that write plans.
    let s3: [SimulatedStore.Operation: Int]
    /// Seconds that the worker invocations took together.
    let billedSeconds: Double
    let invocations: Int

    var s3Requests: Int { s3.values.reduce(0, +) }
  }

  private let first: SimulatedRun
  private let filmsPerFile: Int

  /// - Parameter films: the films that TMDB knows. It does not have 1 % of them.
  init(films: Int, filmsPerFile: Int) throws {
    self.filmsPerFile = filmsPerFile
    first = try SimulatedRun(
      seed: 1,
      .init(shards: 1, filmsPerShard: films, filmsPerFile: filmsPerFile, workers: 60, requestsPerSecond: 40))
    // Half of the films that TMDB lacks by itself.
    first.tmdb.toggled = Set((0..<films).filter { SimulatedTMDB.isAbsent($0) && $0.isMultiple(of: 2) })
    first.lambda.startup = .milliseconds(300)
  }

  /// Changes films and records it in TMDB's list, which also has films that are not selected: 700 a day for a week.
  /// - Returns: the number of films that changed.
  func edit(share: Double, of films: [Int], on day: String) -> Int {
    guard let day = UnixDay(iso8601: day) else { return 0 }
    let step = Int(1 / share)
    let edited = films.enumerated().filter {
      $0.offset % step == step / 2 && !first.tmdb.isAbsent($0.element)
    }
    .map(\.element)
    for film in edited { first.tmdb.edits[film, default: 0] += 1 }
    first.tmdb.changes[day, default: []] += edited.map { first.tmdb.tmdbID(of: $0) }
    for offset in 0..<7 {
      first.tmdb.changes[day + -offset, default: []] += (0..<700).map { 50_000_000 + $0 }
    }
    return edited.count
  }

  func run(
    _ name: String, on day: String, refresh: Bool = false, base: String? = nil, shards: Int = 60,
    encoding: DataFileEncoding = DataFileEncoding(), _ films: [Int]
  ) throws -> Cost {
    var fields = [
      #""run":"\#(name)","shards":\#(shards),"filmsPerFile":\#(filmsPerFile),"onExisting":"replace""#,
      #""format":"\#(encoding.format.rawValue)","compression":"\#(encoding.compression.rawValue)""#,
    ]
    if refresh { fields.append(#""refresh":"changed""#) }
    if let base { fields.append(#""base":"\#(base)""#) }
    var size = first.size
    (size.shards, size.workers, size.encoding) = (shards, shards, encoding)
    let (tmdb, store, lambda, loop) = (first.tmdb, first.store, first.lambda, first.loop)
    let before = (
      requests: tmdb.requests, s3: store.requests, start: loop.elapsed, billed: lambda.billed,
      invocations: lambda.invocations
    )
    let plan = try #require(
      try first.prepare(
        "{\(fields.joined(separator: ","))}", films: films.map(SimulatedTMDB.id), date: day))
    let forecast = plan.forecast(
      try DispatcherConfiguration(environment: ["ELENCO_WORKER_FUNCTION": "worker"]),
      dispatcherRequests: tmdb.requests - before.requests)
    let run = try SimulatedRun(plan.shards, size, after: first)
    try run.run()
    return Cost(
      run: run, forecast: (Double(forecast.requests), forecast.seconds),
      requests: Double(tmdb.requests - before.requests), seconds: (tmdb.last - before.start).inSeconds,
      s3: store.requests.merging(before.s3) { $0 - $1 },
      billedSeconds: (lambda.billed - before.billed).inSeconds,
      invocations: lambda.invocations - before.invocations)
  }
}

/// The sizes that the benchmark asks for, and the file that gets the costs: a JSON object per line.
struct CostTable: Sendable {
  struct Size: Sendable, CustomTestStringConvertible {
    let films: Int
    /// The share of the films that changed, 0 to 1.
    let changed: Double

    var testDescription: String { "\(films) films, \(changed) changed" }
  }

  let sizes: [Size]
  private let path: String

  /// - Parameter environment: ELENCO_COST_TABLE=FILE, and ELENCO_COST_SIZES=FILMS:SHARE,….
  init?(environment: [String: String]) {
    guard let path = environment["ELENCO_COST_TABLE"], let sizes = environment["ELENCO_COST_SIZES"] else {
      return nil
    }
    self.path = path
    self.sizes = sizes.split(separator: ",").compactMap { text in
      let parts = text.split(separator: ":")
      guard parts.count == 2, let films = Int(parts[0]), let changed = Double(parts[1]) else { return nil }
      return Size(films: films, changed: changed)
    }
  }

  func append(_ size: Size, _ full: CostHistory.Cost, _ second: CostHistory.Cost) throws {
    func fields(_ cost: CostHistory.Cost) -> [String: Any] {
      [
        "requests": cost.requests, "seconds": cost.seconds, "billedSeconds": cost.billedSeconds,
        "invocations": cost.invocations, "forecastRequests": cost.forecast.requests,
        "forecastSeconds": cost.forecast.seconds,
        "s3": Dictionary(uniqueKeysWithValues: cost.s3.map { ($0.key.rawValue, $0.value) }),
      ]
    }
    let row: [String: Any] = [
      "films": size.films, "changed": size.changed, "full": fields(full), "second": fields(second),
    ]
    let line = try JSONSerialization.data(withJSONObject: row) + Data("\n".utf8)
    if !FileManager.default.fileExists(atPath: path) {
      try Data().write(to: URL(filePath: path))
    }
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.seekToEnd()
    try file.write(contentsOf: line)
    try file.close()
  }
}
