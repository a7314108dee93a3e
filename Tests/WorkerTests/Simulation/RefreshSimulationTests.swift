import TestSupport
import Testing

@testable import Shared
@testable import Worker

/// Runs that keep films of an earlier run, in virtual time. The plans are the test's own, and the expected files are
/// those of a full run, computed from the simulated TMDB.
@Suite("Refresh runs") struct RefreshSimulationTests {
  private static func base(
    _ films: Int, shards: Int, filmsPerFile: Int, encoding: DataFileEncoding = DataFileEncoding(),
    timeout: Duration = .seconds(900), seed: UInt64 = 1
  ) throws -> RefreshBase {
    let run = try SimulatedRun(
      seed: seed,
      .init(
        shards: shards, filmsPerShard: films / shards, filmsPerFile: filmsPerFile, workers: shards,
        requestsPerSecond: 0, timeout: timeout, encoding: encoding))
    try run.run()
    try #require(run.isComplete && run.wrongFiles() == [])
    return RefreshBase(run)
  }

  @Test("only what has changed is requested, and the files are those of a full run")
  func calm() throws {
    let base = try Self.base(1000, shards: 4, filmsPerFile: 50)
    let tmdb = base.run.tmdb
    let (finds, served) = (tmdb.finds, tmdb.served)
    // 13 is absent on no list; 7 and 60 are absent in the base.
    (tmdb.edits, tmdb.toggled, tmdb.renumbered) = ([10: 1, 500: 2, 999: 1], [60, 100], [200])
    let refresh = RefreshBase.Refresh(
      films: Array(0..<1000), changed: [10, 500, 999, 100, 200], due: [300, 301])
    let run = try base.refreshed(refresh, base.run.size)
    try run.run()
    #expect(run.isComplete && run.wrongFiles() == [] && run.openLeases() == [])
    let absent = (0..<1000).filter(SimulatedTMDB.isAbsent)
    for film in 0..<1000 {
      let find = absent.contains(film) || [100, 200].contains(film) ? 1 : 0
      let credits = [10, 500, 999, 60, 200, 300, 301].contains(film) ? 1 : 0
      #expect(tmdb.finds[film] - finds[film] == find, "film \(film)")
      #expect(tmdb.served[film] - served[film] == credits, "film \(film)")
    }
    #expect(tmdb.notFound == [100: 1, 200: 1])
  }
}
