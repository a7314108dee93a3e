import Shared

/// A run, planned: the films divided into shards.
struct RunPlan {
  let event: DispatchEvent
  let shards: [ShardPlan]
  let films: Int

  /// - Parameter films: the selected ids in the order of the input. Fewer films than shards give that many shards.
  init(_ event: DispatchEvent, films: [String]) {
    self.event = event
    self.films = films.count
    let ranges = Partition.ranges(of: films.count, shards: min(event.shards, films.count))
    shards = ranges.enumerated().map { shard, range in
      ShardPlan(
        run: event.run, date: event.date, shard: shard, shards: ranges.count, destination: event.destination,
        filmsPerFile: event.filmsPerFile, requestsPerSecond: event.requestsPerSecond,
        rateScope: event.rateScope, workers: min(event.workers, ranges.count), lookup: event.lookup,
        genres: event.genres, films: Array(films[range]))
    }
  }

  /// Data files of all shards.
  var files: Int {
    shards.reduce(0) { $0 + Partition.parts(of: $1.films.count, size: event.filmsPerFile) }
  }

  /// Requests when every film takes as many as its lookup costs.
  var requests: Int { films * event.lookup.requestsPerFilm }
}
