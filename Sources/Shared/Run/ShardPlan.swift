/// A shard's plan: everything that its worker needs to know. The same JSON is stored in S3 and is the worker's event.
package struct ShardPlan: Encodable, Equatable, Sendable {
  package let run: RunName
  /// The run's UTC date, `yyyy-MM-dd`.
  package let date: String
  /// The shard's number, from 0.
  package let shard: Int
  /// The number of shards in the run.
  package let shards: Int
  package let destination: Destination
  package let filmsPerFile: Int
  /// 0 means no ceiling.
  package let requestsPerSecond: Double
  package let rateScope: RateScope
  /// The number of shards that are worked on concurrently.
  package var workers: Int
  package var lookup: Lookup
  /// The requested genres.
  package let genres: [String]
  /// Both are left out of the JSON when they have their default, so that a plan from before they existed and a default
  /// plan have the same bytes. See `encoding`.
  private let format: FileFormat?
  private let compression: FileCompression?
  /// What the base of a `"refresh": "changed"` knows about the films; nil for any other run.
  package var base: ShardBase?
  /// IMDb ids in the order of the input.
  package var films: [String]

  package init(
    run: RunName, date: String, shard: Int, shards: Int, destination: Destination, filmsPerFile: Int,
    requestsPerSecond: Double, rateScope: RateScope, workers: Int, lookup: Lookup, genres: [String],
    encoding: DataFileEncoding = DataFileEncoding(), base: ShardBase? = nil, films: [String]
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
    format = encoding.format == .object ? nil : encoding.format
    compression = encoding.compression == .uncompressed ? nil : encoding.compression
    self.base = base
    self.films = films
  }

  /// The format and compression of the data files.
  package var encoding: DataFileEncoding {
    DataFileEncoding(format ?? .object, compression ?? .uncompressed)
  }

  package var layout: RunLayout { RunLayout(prefix: destination.prefix, run: run, date: date) }

  /// The films of each of the shard's files.
  package var files: [ArraySlice<String>] {
    stride(from: 0, to: films.count, by: filmsPerFile).map { films[$0..<min($0 + filmsPerFile, films.count)] }
  }

  /// The films of one of the shard's files. Files count from 1.
  package func films(ofFile file: Int) -> ArraySlice<String> {
    let start = min((file - 1) * filmsPerFile, films.count)
    return films[start..<min(start + filmsPerFile, films.count)]
  }

  /// The key of a data file. Files count from 1.
  package func key(ofFile file: Int) -> String { layout.dataFile(shard: shard, file: file, encoding) }
}
