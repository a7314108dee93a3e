import Shared

/// The progress of a run, computed from listings and reports without any I/O.
struct RunProgress: Sendable {
  /// Identifies a data file of the run.
  struct DataFile: Sendable, Equatable {
    /// From 0.
    let shard: Int
    /// From 1, within the shard.
    let file: Int
  }

  let films: Int
  let files: Int
  let shards: Int
  private let filmsPerFile: Int
  /// Number of films in each shard.
  private let shardSizes: [Int]
  /// The data files that exist, each as its shard and file number.
  private var written: Set<[Int]> = []
  /// The latest report of each shard.
  private(set) var reports: [Int: ShardReport] = [:]
  /// The state of each shard by the last listing; empty before it.
  private(set) var shardStates: [RunStatus.State] = []
  /// Number of stopped shards that Lambda is expected to retry.
  var shardsAwaitingRetry = 0
  /// Why the run's workers stop before every shard has ended; nil if they do not.
  var interruption: RunInterruption?

  init(_ run: FollowedRun) {
    films = run.films
    files = run.files
    shards = run.shards
    filmsPerFile = run.filmsPerFile
    shardSizes = Partition.ranges(of: films, shards: shards).map(\.count)
  }

  /// Records that a data file exists. A file that is not part of the run is ignored.
  mutating func record(_ file: DataFile) {
    guard file.shard < shards, filmCount(of: file) > 0 else { return }
    written.insert([file.shard, file.file])
  }

  /// Records a shard's report and the files that it lists.
  mutating func record(_ report: ShardReport) {
    reports[report.shard] = report
    for file in report.files {
      guard let name = file.key.split(separator: "/").last, let file = DataFile(name: name),
        file.shard == report.shard
      else { continue }
      record(file)
    }
  }

  /// Records which shards have a worker, from a listing of the run's objects.
  mutating func record(_ listing: RunListing) {
    shardStates = (0..<shards).map { RunStatus.State(of: $0, report: reports[$0]?.state, listing) }
  }

  var filesDone: Int { written.count }

  /// Number of planned films of the files that exist.
  var filmsDone: Int {
    written.reduce(0) { $0 + filmCount(of: DataFile(shard: $1[0], file: $1[1])) }
  }

  var shardsDone: Int { reports.count }

  /// Whether every shard has a report.
  var isOver: Bool { reports.count == shards }

  /// Whether every shard is complete.
  var isComplete: Bool { isOver && reports.values.allSatisfy { $0.state == .complete } }

  /// Shards without a report.
  var unreportedShards: [Int] { (0..<shards).filter { reports[$0] == nil } }

  /// Number of planned films of a file; 0 if the file is not part of the run.
  private func filmCount(of file: DataFile) -> Int {
    guard shardSizes.indices.contains(file.shard) else { return 0 }
    let filmsBefore = (file.file - 1).saturatedProduct(filmsPerFile)
    return max(0, min(filmsPerFile, shardSizes[file.shard] - filmsBefore))
  }
}

extension RunProgress.DataFile {
  /// Parses the key of a data file in a folder, `…/Atores-T17-3.json` or with another ending. Nil for any other key.
  init?(key: String, folder: String) {
    guard key.hasPrefix(folder) else { return nil }
    self.init(name: key.dropFirst(folder.count))
  }

  /// Parses the last part of a data file's key.
  init?(name: Substring) {
    guard let encoding = DataFileEncoding(key: name), name.hasPrefix("Atores-T") else { return nil }
    let numbers = name.dropFirst(8).dropLast(encoding.ending.count).split(
      separator: "-", omittingEmptySubsequences: false)
    guard numbers.count == 2, let shard = Int(numbers[0]), let file = Int(numbers[1]), shard >= 0, file >= 1
    else { return nil }
    self.init(shard: shard, file: file)
  }
}
