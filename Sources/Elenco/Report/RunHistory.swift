import Shared

/// What the report page shows of a run, as far as S3 has it.
struct RunHistory: Sendable {
  /// The worker's settings, which no object of the run has.
  struct WorkerSettings: Equatable, Sendable {
    static let options: [CommandSpec.Option] = [
      .text("--memory", "MB", "the worker's memory, for the page's costs (default: 128)"),
      .text("--timeout", "SECONDS", "the worker's timeout, for the page's forecast (default: 900)"),
    ]

    /// In MB.
    var memory = 128
    /// In seconds.
    var timeout = 900

    init() {}

    /// - Throws: `UsageError`.
    init(_ arguments: Arguments) throws(UsageError) {
      memory = try arguments.wholeNumber("--memory", in: 128...10_240) ?? memory
      timeout = try arguments.wholeNumber("--timeout", in: 5...900) ?? timeout
    }
  }

  let status: RunStatus
  let options: RunOptions
  let settings: WorkerSettings
  /// When S3 was read.
  let readAt: UnixTime
  /// In order.
  let shards: [ShardHistory]
  /// Number of films that the run selected; nil while it is unknown.
  let films: Int?
  let scale: TimeScale
  let bins: BinnedSeries

  /// Maximum number of bins of a chart.
  private static let binsMax = 200

  /// - Parameters:
  ///   - leases: of shards whose report does not have everything.
  ///   - selected: number of films in films.csv; nil if it was not read.
  init(
    _ status: RunStatus, leases: [Int: Lease], selected: Int?, options: RunOptions,
    settings: WorkerSettings = WorkerSettings(), readAt: UnixTime
  ) {
    self.status = status
    self.options = options
    self.settings = settings
    self.readAt = readAt
    let reports = Dictionary(status.reports.map { ($0.shard, $0) }) { first, _ in first }
    shards = (0..<status.plan.shards).map { shard in
      ShardHistory(
        shard: shard, state: status.state(of: shard), report: reports[shard], lease: leases[shard],
        now: readAt)
    }
    films =
      shards.allSatisfy { $0.report != nil } ? shards.total { $0.report?.films ?? 0 } : selected
    scale = TimeScale(shards.flatMap { $0.sessions.map(\.time) })
    bins = BinnedSeries(shards, scale, binsMax: Self.binsMax)
  }

  /// Reads a run: one LIST of its folder, and one object per shard.
  static func read(
    _ reader: RunReader, _ options: RunOptions, settings: WorkerSettings = WorkerSettings()
  ) async throws -> RunHistory {
    let status = try await reader.status(terms: options.terms)
    let leases = try await reader.leases(of: shardsToRead(status), status.plan)
    let selected =
      status.reports.count < status.plan.shards ? try await reader.selectedFilms(status.plan) : nil
    return RunHistory(
      status, leases: leases, selected: selected, options: options, settings: settings, readAt: .now())
  }

  /// The shards whose lease has more than their report.
  static func shardsToRead(_ status: RunStatus) -> [Int] {
    let reported = Set(status.reports.map(\.shard))
    return (0..<status.plan.shards).filter { shard in
      !reported.contains(shard) ? status.listing.begun.contains(shard) : status.state(of: shard) == .running
    }
  }

  var plan: ShardPlan { status.plan }

  var filmsWritten: Int { shards.total(\.filmsWritten) }
  var absent: Int { shards.total { $0.report?.absent.count ?? 0 } }
  var failed: Int { shards.total { $0.report?.failed.count ?? 0 } }
  /// Films that have no outcome yet; nil while the number of films is unknown.
  var left: Int? { films.map { max(0, $0 - filmsWritten - absent - failed) } }
  var files: [ShardReport.File] { shards.flatMap { $0.report?.files ?? [] } }
  var bytes: Int { files.total(\.bytes) }
  var requests: Int { shards.total(\.requests) }
  var throttled: Int { shards.total(\.throttled) }
  var retried: Int { shards.total(\.retried) }
  var sessionCount: Int { shards.total(\.sessionCount) }
  var deaths: Int { shards.total(\.deaths) }
  /// Films that got an outcome at TMDB, of the series.
  var filmsFetched: Int { shards.total { $0.series.buckets.total(\.films) } }
  var workerSeconds: Double { shards.reduce(0) { $0 + $1.seconds } }
  /// Number of shards of whose sessions only the last one is known.
  var shardsWithoutSeries: Int { shards.count { !$0.hasSeries } }
  var hasSeries: Bool { shards.contains { !$0.series.buckets.isEmpty } }
  /// Whether every shard has a report.
  var isOver: Bool { shards.allSatisfy { $0.report != nil } }
  var hasBegun: Bool { shards.contains { !$0.sessions.isEmpty } }

  /// How many films were kept from the base and why the others were fetched; nil for a run without a base.
  var refresh: (base: RunName, counts: RefreshCounts)? {
    guard let base = plan.base?.run else { return nil }
    return (base, shards.compactMap { $0.report?.refresh }.reduce(RefreshCounts(), +))
  }

  /// The most requests per second that the run may send; nil without a ceiling.
  var ceiling: Double? {
    guard plan.requestsPerSecond > 0 else { return nil }
    return plan.rateScope == .worker ? plan.requestsPerSecond * Double(plan.workers) : plan.requestsPerSecond
  }

  /// What the dispatcher would have forecast; nil while the number of films, or the number of those to fetch, is unknown.
  var forecast: Forecast? {
    guard let films, refresh == nil || isOver else { return nil }
    let files = Partition.ranges(of: films, shards: plan.shards).total {
      Partition.parts(of: $0.count, size: plan.filmsPerFile)
    }
    var terms = Forecast.Terms(
      films: films, shards: plan.shards, files: files, workers: plan.workers,
      requestsPerFilm: plan.lookup.requestsPerFilm, requestsPerSecond: plan.requestsPerSecond,
      rateScope: plan.rateScope, memory: settings.memory, timeout: settings.timeout, lease: options.terms)
    terms.countedRequests = refresh.map { plan.lookup.expectedRequests($0.counts) }
    return Forecast(terms)
  }

  /// What the sessions so far have cost, by the same prices as the forecast.
  var dollars: Double {
    Forecast.dollars(
      workerSeconds: workerSeconds, hops: Double(sessionCount), files: files.count, shards: plan.shards,
      memory: settings.memory, lease: options.terms,
      sharesRate: plan.rateScope == .run && plan.requestsPerSecond > 0)
  }
}
