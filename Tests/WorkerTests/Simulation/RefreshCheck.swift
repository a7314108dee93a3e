import Testing

@testable import Shared

/// What a refresh run must have left in S3, computed from the simulated TMDB and the plans alone.
struct RefreshCheck {
  let run: SimulatedRun
  let base: RefreshBase
  /// The films that were to be kept and could be.
  let kept: [Int: RefreshBase.Film]

  /// - Parameter lost: films that were to be kept and could not be.
  init(_ run: SimulatedRun, _ base: RefreshBase, _ refresh: RefreshBase.Refresh, lost: Set<Int> = []) {
    self.run = run
    self.base = base
    kept = base.kept(refresh).filter { !lost.contains($0.key) }
  }

  /// Data files and parts of the index that are not as expected.
  func differences() -> [String] {
    run.wrongFiles(response)
      + run.plans.filter { index(of: $0) != expectedIndex(of: $0) }.map { "index \($0.shard)" }
  }

  private func response(_ film: Int) -> [UInt8]? {
    kept[film].map(base.copy(of:)) ?? (run.tmdb.isAbsent(film) ? nil : run.tmdb.credits(of: film))
  }

  private func index(of plan: ShardPlan) -> String? {
    run.store.objects["p/_runs/\(plan.run)/index/T\(plan.shard).csv"].map {
      String(decoding: $0.bytes, as: UTF8.self)
    }
  }

  private func expectedIndex(of plan: ShardPlan) -> String {
    let rows = plan.films.enumerated().map { position, id in
      let (film, file) = (RefreshBase.number(id), position / plan.filmsPerFile + 1)
      if let kept = kept[film] { return "\(id),\(kept.tmdbID),\(file),\(kept.fetchedOn)\n" }
      guard !run.tmdb.isAbsent(film) else { return "\(id),,,\n" }
      return "\(id),\(run.tmdb.tmdbID(of: film)),\(file),\(plan.date)\n"
    }
    return "id,tmdb_id,file,fetched\n" + rows.joined()
  }

  /// Kept films that were requested.
  func requested(since before: (finds: [Int], served: [Int])) -> [Int] {
    kept.keys.filter {
      run.tmdb.finds[$0] != before.finds[$0] || run.tmdb.served[$0] != before.served[$0]
        || run.tmdb.notFound[$0] != nil
    }.sorted()
  }
}
