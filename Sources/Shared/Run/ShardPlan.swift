/// A shard's plan: everything a worker needs to know. It stands in S3 and is the worker's event as it is.
package struct ShardPlan: Codable, Equatable, Sendable {
  package let run: RunName
  /// The run's UTC date, `yyyy-MM-dd`.
  package let date: String
  /// From 0.
  package let shard: Int
  /// How many shards the run has.
  package let shards: Int
  package let destination: Destination
  package let filmsPerFile: Int
  /// 0 is no ceiling.
  package let requestsPerSecond: Double
  package let rateScope: RateScope
  /// How many shards are worked on at once.
  package var workers: Int
  package let lookup: Lookup
  /// The genres that were asked for: failed.csv carries them, so that the same event takes it as its source.
  package let genres: [String]
  /// IMDb ids in the order of the input.
  package var films: [String]

  package init(
    run: RunName, date: String, shard: Int, shards: Int, destination: Destination, filmsPerFile: Int,
    requestsPerSecond: Double, rateScope: RateScope, workers: Int, lookup: Lookup, genres: [String],
    films: [String]
  ) {
    self.run = run
    self.date = date
    self.shard = shard
    self.shards = shards
    self.destination = destination
    self.filmsPerFile = filmsPerFile
    self.requestsPerSecond = requestsPerSecond
    self.rateScope = rateScope
    self.workers = workers
    self.lookup = lookup
    self.genres = genres
    self.films = films
  }

  package var layout: RunLayout { RunLayout(prefix: destination.prefix, run: run, date: date) }

  /// The films of each of the shard's files.
  package var files: [ArraySlice<String>] {
    stride(from: 0, to: films.count, by: filmsPerFile).map { films[$0..<min($0 + filmsPerFile, films.count)] }
  }

  /// The key of a data file, counted from 1.
  package func key(ofFile file: Int) -> String { layout.dataFile(shard: shard, file: file) }
}
