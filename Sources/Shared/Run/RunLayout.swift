/// The keys of a run's objects under its destination's prefix.
package struct RunLayout: Sendable, Equatable {
  package let prefix: String
  package let run: RunName
  /// The run's UTC date, `yyyy-MM-dd`, fixed when the run was planned.
  package let date: String

  package init(prefix: String, run: RunName, date: String) {
    self.prefix = prefix
    self.run = run
    self.date = date
  }

  /// The folder of the data files: `Raw/TMDB/JSON/Atores/2026/11/24/`.
  package var dataFolder: String { join(String(date.map { $0 == "-" ? "/" : $0 }) + "/") }

  /// The key of a data file. Shards count from 0, files from 1.
  package func dataFile(shard: Int, file: Int, _ encoding: DataFileEncoding = DataFileEncoding()) -> String {
    dataFiles(ofShard: shard) + "\(file)" + encoding.ending
  }

  /// The prefix of the keys of a shard's data files.
  package func dataFiles(ofShard shard: Int) -> String { dataFolder + Self.dataFileStart + "\(shard)-" }

  /// The first characters of every data file's name.
  static let dataFileStart = "Atores-T"

  /// Whether a key in `dataFolder` has the name of a data file, of any run and format.
  package func isDataFile(_ key: String) -> Bool {
    guard key.hasPrefix(dataFolder + Self.dataFileStart) else { return false }
    let name = key.dropFirst(dataFolder.count + Self.dataFileStart.count)
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let dot = parts[1].firstIndex(of: ".") else { return false }
    let isNumber = { (text: Substring) in !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) } }
    return isNumber(parts[0]) && isNumber(parts[1][..<dot])
      && DataFileEncoding.allCases.contains { $0.ending == parts[1][dot...] }
  }

  package var success: String { dataFolder + "_SUCCESS" }

  /// The key of the day's `FolderOwner`.
  package var folderOwner: String { join("_runs/_days/\(date).json") }

  /// The folder of all the run's objects except its data files.
  package var folder: String { Self.runFolder(prefix: prefix, run: run) }

  package var plans: String { folder + "shards/" }

  package func plan(shard: Int) -> String { Self.plan(prefix: prefix, run: run, shard: shard) }

  package var leases: String { folder + "leases/" }

  package func lease(shard: Int) -> String { leases + "T\(shard).json" }

  package var reports: String { folder + "reports/" }

  package func report(shard: Int) -> String { reports + "T\(shard).json" }

  /// The key of a shard's part of the run's index.
  package func index(shard: Int) -> String { folder + "index/T\(shard).csv" }

  /// The folder of copies of the base's data files that this run overwrites.
  package var baseCopies: String { folder + "base/" }

  /// The key of the copy of a base's data file in the same folder.
  package func baseCopy(of key: String) -> String { baseCopies + key.dropFirst(dataFolder.count) }

  package var manifest: String { folder + "manifest.json" }

  package var selectedFilms: String { folder + "films.csv" }

  package var failedFilms: String { folder + "failed.csv" }

  /// The key of the `LatestRun`.
  package static func latest(prefix: String) -> String {
    allRuns(prefix: prefix) + "_latest.json"
  }

  /// The folder with a folder for each run.
  package static func allRuns(prefix: String) -> String { (prefix.isEmpty ? "" : prefix + "/") + "_runs/" }

  /// The key of a shard's plan, which does not depend on the run's date.
  package static func plan(prefix: String, run: RunName, shard: Int) -> String {
    runFolder(prefix: prefix, run: run) + "shards/T\(shard).json"
  }

  /// The folder of all a run's objects except its data files. Readers such as Spark, Athena and Glue skip names that
  /// start with an underscore.
  package static func runFolder(prefix: String, run: RunName) -> String {
    allRuns(prefix: prefix) + "\(run)/"
  }

  /// The key of the object that names the run of a dispatcher's request. Lambda's retry of the request reads it and
  /// continues that run.
  package static func request(prefix: String, id: String) -> String {
    allRuns(prefix: prefix) + "_requests/\(id).json"
  }

  private func join(_ rest: String) -> String { prefix.isEmpty ? rest : prefix + "/" + rest }
}
