import Shared

/// How far a run is: what the listings and reports of its objects say, without any I/O.
struct RunProgress: Sendable {
  /// A data file that a listing shows.
  struct Seen: Sendable, Equatable {
    let shard: Int
    let file: Int
  }

  let films: Int
  let files: Int
  let shards: Int
  private let filmsPerFile: Int
  private let sizes: [Int]
  private var written: Set<[Int]> = []
  private(set) var reports: [Int: ShardReport] = [:]

  init(_ answer: DispatcherResponse) {
    films = answer.films
    files = answer.files
    shards = answer.shards
    filmsPerFile = answer.filmsPerFile
    sizes = Partition.ranges(of: answer.films, shards: answer.shards).map(\.count)
  }

  mutating func note(_ seen: Seen) {
    guard seen.shard < shards, filmCount(of: seen) > 0 else { return }
    written.insert([seen.shard, seen.file])
  }

  mutating func note(_ report: ShardReport) {
    reports[report.shard] = report
    for number in 1...max(1, Partition.parts(of: report.films, size: filmsPerFile))
    where report.files.contains(where: { $0.key.hasSuffix("-T\(report.shard)-\(number).json") }) {
      note(Seen(shard: report.shard, file: number))
    }
  }

  var filesDone: Int { written.count }

  /// Films of the files that are there.
  var filmsDone: Int { written.reduce(0) { $0 + filmCount(of: Seen(shard: $1[0], file: $1[1])) } }

  var shardsDone: Int { reports.count }

  /// Whether every shard has a report.
  var isOver: Bool { reports.count == shards }

  /// Shards that have no report.
  var silent: [Int] { (0..<shards).filter { reports[$0] == nil } }

  private func filmCount(of seen: Seen) -> Int {
    guard sizes.indices.contains(seen.shard) else { return 0 }
    return max(0, min(filmsPerFile, sizes[seen.shard] - (seen.file - 1) * filmsPerFile))
  }
}

extension RunProgress.Seen {
  /// Reads shard and file from a data file's key: `…/Atores-T17-3.json`. Nil for any other key.
  init?(key: String, folder: String) {
    guard key.hasPrefix(folder), key.hasSuffix(".json") else { return nil }
    let name = key.dropFirst(folder.count).dropLast(5)
    guard name.hasPrefix("Atores-T") else { return nil }
    let numbers = name.dropFirst(8).split(separator: "-", omittingEmptySubsequences: false)
    guard numbers.count == 2, let shard = Int(numbers[0]), let file = Int(numbers[1]), shard >= 0, file >= 1
    else { return nil }
    self.init(shard: shard, file: file)
  }
}
