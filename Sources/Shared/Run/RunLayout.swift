/// The run that a day's folder is of. An earlier one that ends later, or is replayed, says nothing about it any more.
package struct FolderOwner: Codable, Equatable, Sendable {
  package let run: RunName

  package init(run: RunName) { self.run = run }
}

/// The keys of a run's objects under its destination's prefix.
package struct RunLayout: Sendable, Equatable {
  package let prefix: String
  package let run: RunName
  /// The run's UTC date, `yyyy-MM-dd`, fixed when it was planned.
  package let date: String

  package init(prefix: String, run: RunName, date: String) {
    self.prefix = prefix
    self.run = run
    self.date = date
  }

  /// Where data files stand: `Raw/TMDB/JSON/Atores/2026/11/24/`.
  package var dataFolder: String { join(String(date.map { $0 == "-" ? "/" : $0 }) + "/") }

  /// A data file: shard from 0, file from 1.
  package func dataFile(shard: Int, file: Int) -> String { dataFiles(ofShard: shard) + "\(file).json" }

  /// What the keys of a shard's data files begin with.
  package func dataFiles(ofShard shard: Int) -> String { dataFolder + "Atores-T\(shard)-" }

  package var success: String { dataFolder + "_SUCCESS" }

  /// Which run the day's folder is of: the one that began last, a `FolderOwner`.
  package var folderOwner: String { join("_runs/_days/\(date).json") }

  /// Where everything of the run but its data stands.
  package var folder: String { Self.runFolder(prefix: prefix, run: run) }

  package var plans: String { folder + "shards/" }

  package func plan(shard: Int) -> String { Self.plan(prefix: prefix, run: run, shard: shard) }

  package var leases: String { folder + "leases/" }

  package func lease(shard: Int) -> String { leases + "T\(shard).json" }

  package var reports: String { folder + "reports/" }

  package func report(shard: Int) -> String { reports + "T\(shard).json" }

  package var manifest: String { folder + "manifest.json" }

  package var failedFilms: String { folder + "failed.csv" }

  /// A shard's plan, found without knowing the run's date.
  package static func plan(prefix: String, run: RunName, shard: Int) -> String {
    runFolder(prefix: prefix, run: run) + "shards/T\(shard).json"
  }

  /// Readers such as Spark, Athena and Glue pass over names that begin with an underscore.
  package static func runFolder(prefix: String, run: RunName) -> String {
    (prefix.isEmpty ? "" : prefix + "/") + "_runs/\(run)/"
  }

  /// Which run a request of the dispatcher began, so that Lambda's next try of it goes on with that run.
  package static func request(prefix: String, id: String) -> String {
    (prefix.isEmpty ? "" : prefix + "/") + "_runs/_requests/\(id).json"
  }

  private func join(_ rest: String) -> String { prefix.isEmpty ? rest : prefix + "/" + rest }
}
