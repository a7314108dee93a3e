import Shared

/// A run, planned: the films divided into shards.
struct RunPlan {
  let event: DispatchEvent
  let shards: [ShardPlan]
  let films: Int
  let date: String

  /// - Parameters:
  ///   - films: the selected ids in the order of the input. Fewer films than shards give that many shards.
  ///   - date: the run's; the event's where it is planned for the first time.
  init(_ event: DispatchEvent, films: [String], date: String) {
    self.event = event
    self.date = date
    self.films = films.count
    let ranges = Partition.ranges(of: films.count, shards: min(event.shards, films.count))
    shards = ranges.enumerated().map { shard, range in
      ShardPlan(
        run: event.run, date: date, shard: shard, shards: ranges.count, destination: event.destination,
        filmsPerFile: event.filmsPerFile, requestsPerSecond: event.requestsPerSecond,
        rateScope: event.rateScope, workers: min(event.workers, ranges.count), lookup: event.lookup,
        genres: event.genres, films: Array(films[range]))
    }
  }

  /// Data files of all shards.
  var files: Int {
    shards.reduce(0) { $0 + Partition.parts(of: $1.films.count, size: event.filmsPerFile) }
  }

  /// What the run will take.
  func forecast(_ configuration: DispatcherConfiguration) -> Forecast {
    Forecast(
      Forecast.Terms(
        films: films, shards: shards.count, files: files, workers: min(event.workers, max(1, shards.count)),
        requestsPerFilm: event.lookup.requestsPerFilm, requestsPerSecond: event.requestsPerSecond,
        rateScope: event.rateScope, memory: configuration.workerMemory, timeout: configuration.workerTimeout,
        lease: configuration.lease))
  }
}
