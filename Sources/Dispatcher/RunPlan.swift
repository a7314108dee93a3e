import Shared

/// The plan of a run: its films divided into shards.
struct RunPlan {
  let event: DispatcherEvent
  let run: RunName
  /// The films of each shard. `RunPreparation` adds what the run's base knows about them.
  var shards: [ShardPlan]
  let films: Int
  let date: String

  /// - Parameters:
  ///   - run: the run's name. It differs from the event's if Lambda retries a request that already named a run.
  ///   - films: the selected ids in input order. If there are fewer films than `event.shards`, each film gets a shard.
  ///   - date: the run's UTC date. It differs from the event's if the run was planned before.
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
        rateScope: event.rateScope, workers: min(event.workers, ranges.count),
        lookup: event.lookup.lookup ?? .find,
        genres: event.genres, encoding: event.encoding, films: Array(films[range]))
    }
  }

  /// What the run starts from, and the counts of all shards; nil if it fetches every film.
  var refresh: DispatcherResponse.Refresh? {
    guard let base = shards.lazy.compactMap(\.base).first else { return nil }
    return .init(base: base.run, counts: shards.reduce(RefreshCounts()) { $0 + ($1.base?.counts ?? .init()) })
  }

  /// Number of data files of all shards.
  var files: Int {
    shards.reduce(0) { $0 + Partition.parts(of: $1.films.count, size: event.filmsPerFile) }
  }

  /// Maximum number of shards in progress at the same time.
  var workers: Int { min(event.workers, max(1, shards.count)) }

  /// Keys of all data files.
  var keys: [String] { shards.flatMap { plan in plan.files.indices.map { plan.key(ofFile: $0 + 1) } } }

  /// Checks that the workers can carry the plan out.
  /// - Throws: `PlanRefused` if a shard has too many films, or if a worker's rate is too low to fetch one film.
  func check(_ configuration: DispatcherConfiguration) throws(PlanRefused) {
    let filmsMax = RunLimits.filmsPerShard.upperBound
    if let films = shards.first?.films.count, films > filmsMax {
      throw .shardsTooFew(films: self.films, needed: Partition.parts(of: self.films, size: filmsMax))
    }
    guard event.requestsPerSecond > 0, event.rateScope != .worker else { return }
    // A worker must be able to fetch at least one film before it reserves the end of its invocation for writing.
    let usableSeconds = 0.85 * Double(configuration.workerTimeout)
    let lookup = event.lookup.lookup ?? .find
    let workersMax = usableSeconds * event.requestsPerSecond / Double(lookup.requestsPerFilm)
    guard Double(workers) > workersMax else { return }
    throw .shareTooSmall(
      rate: event.requestsPerSecond, workers: workers, timeout: configuration.workerTimeout,
      workersMax: Int(workersMax))
  }

  /// Estimates the run's requests, time and cost.
  /// - Parameter dispatcherRequests: requests to TMDB that the dispatcher has sent itself.
  func forecast(_ configuration: DispatcherConfiguration, dispatcherRequests: Int = 0) -> Forecast {
    let lookup = shards.first?.lookup ?? .find
    var terms = Forecast.Terms(
      films: films, shards: shards.count, files: files, workers: workers,
      requestsPerFilm: lookup.requestsPerFilm, requestsPerSecond: event.requestsPerSecond,
      rateScope: event.rateScope, memory: configuration.workerMemory, timeout: configuration.workerTimeout,
      lease: configuration.lease)
    terms.countedRequests = shards.reduce(dispatcherRequests) { $0 + $1.expectedRequests }
    return Forecast(terms)
  }
}

extension ShardPlan {
  /// The number of requests to TMDB if all are answered at the first attempt.
  fileprivate var expectedRequests: Int {
    base.map { lookup.expectedRequests($0.counts) } ?? films.count * lookup.requestsPerFilm
  }
}

/// The workers could not carry the plan out.
enum PlanRefused: TypedError, Equatable {
  case shardsTooFew(films: Int, needed: Int)
  case shareTooSmall(rate: Double, workers: Int, timeout: Int, workersMax: Int)

  var errorType: String { "PlanRefused" }

  var description: String {
    switch self {
    case .shardsTooFew(let films, let needed):
      "\(films) films need at least \(needed) shards, because a shard takes at most "
        + "\(RunLimits.filmsPerShard.upperBound) films. Use \"shards\": \(needed) or more."
    case .shareTooSmall(let rate, let workers, let timeout, let workersMax):
      "\"requestsPerSecond\": \(rate.plain) is too low for \"workers\": \(workers). With its share, a "
        + "worker could not fetch even one film within its timeout of \(timeout) s. "
        + (workersMax > 0
          ? "Use \"workers\": \(workersMax) or fewer."
          : "Increase \"requestsPerSecond\" or the worker's timeout.")
    }
  }
}
