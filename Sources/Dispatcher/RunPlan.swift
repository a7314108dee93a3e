import Shared

/// A run, planned: the films divided into shards.
struct RunPlan {
  let event: DispatcherEvent
  let run: RunName
  let shards: [ShardPlan]
  let films: Int
  let date: String

  /// - Parameters:
  ///   - run: its name; the event's, but for a later try of the request that named it.
  ///   - films: the selected ids in the order of the input. Fewer films than shards give that many shards.
  ///   - date: the run's; the event's where it is planned for the first time.
  init(_ event: DispatcherEvent, run: RunName, films: [String], date: String) {
    self.event = event
    self.run = run
    self.date = date
    self.films = films.count
    let ranges = Partition.ranges(of: films.count, shards: min(event.shards, films.count))
    shards = ranges.enumerated().map { shard, range in
      ShardPlan(
        run: run, date: date, shard: shard, shards: ranges.count, destination: event.destination,
        filmsPerFile: event.filmsPerFile, requestsPerSecond: event.requestsPerSecond,
        rateScope: event.rateScope, workers: min(event.workers, ranges.count), lookup: event.lookup,
        genres: event.genres, films: Array(films[range]))
    }
  }

  /// Data files of all shards.
  var files: Int {
    shards.reduce(0) { $0 + Partition.parts(of: $1.films.count, size: event.filmsPerFile) }
  }

  /// How many are worked on at once.
  var workers: Int { min(event.workers, max(1, shards.count)) }

  /// Keys of the data files.
  var keys: [String] { shards.flatMap { plan in plan.files.indices.map { plan.key(ofFile: $0 + 1) } } }

  /// Refuses what no worker could do.
  /// - Throws: `PlanRefused`.
  func check(_ configuration: DispatcherConfiguration) throws(PlanRefused) {
    let most = RunLimits.filmsPerShard.upperBound
    if let films = shards.first?.films.count, films > most {
      throw .shardsTooFew(films: self.films, needed: Partition.parts(of: self.films, size: most))
    }
    guard event.requestsPerSecond > 0, event.rateScope != .worker else { return }
    // A film's calls have to fit into what an invocation has but for its end.
    let usable = 0.85 * Double(configuration.workerTimeout)
    let workersMax = usable * event.requestsPerSecond / Double(event.lookup.requestsPerFilm)
    guard Double(workers) > workersMax else { return }
    throw .shareTooSmall(
      rate: event.requestsPerSecond, workers: workers, timeout: configuration.workerTimeout,
      workersMax: Int(workersMax))
  }

  /// What the run will take.
  func forecast(_ configuration: DispatcherConfiguration) -> Forecast {
    Forecast(
      Forecast.Terms(
        films: films, shards: shards.count, files: files, workers: workers,
        requestsPerFilm: event.lookup.requestsPerFilm, requestsPerSecond: event.requestsPerSecond,
        rateScope: event.rateScope, memory: configuration.workerMemory, timeout: configuration.workerTimeout,
        lease: configuration.lease))
  }
}

/// A plan that could not be carried out.
enum PlanRefused: TypedError, Equatable {
  case shardsTooFew(films: Int, needed: Int)
  case shareTooSmall(rate: Double, workers: Int, timeout: Int, workersMax: Int)

  var errorType: String { "PlanRefused" }

  var description: String {
    switch self {
    case .shardsTooFew(let films, let needed):
      "\(films) films need at least \(needed) shards: a worker takes \(RunLimits.filmsPerShard.upperBound) films at the most. "
        + "Give \"shards\": \(needed) or more."
    case .shareTooSmall(let rate, let workers, let timeout, let workersMax):
      "With \(rate.plain) requests a second shared by \(workers) workers, none of them could fetch a film in the \(timeout) "
        + "seconds that it has. "
        + (workersMax > 0
          ? "Give \"workers\": \(workersMax) or fewer."
          : "Give more \"requestsPerSecond\", or the worker a longer timeout.")
    }
  }
}
