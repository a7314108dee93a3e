import TestSupport
import Testing

@testable import Dispatcher
@testable import Shared
@testable import StandIn

/// Prepares a run as the handler does, with a store in memory and the stand-in as TMDB.
struct Preparing {
  let store: MemoryStore
  var edits: [String] = []
  var rules: [String] = []
  var token = "token"
  var seconds = 60.0

  struct Outcome {
    let plan: RunPlan
    let lookup: DispatcherResponse.LookupTaken?
    let warnings: [String]
    let requests: Int
    let forecast: Forecast
    let paths: [String]
    var counts: RefreshCounts { plan.refresh?.counts ?? RefreshCounts() }

    /// What the plans say about a film.
    func film(_ id: String) -> (film: ShardBase.Film, file: ShardBase.File?)? {
      for plan in plan.shards {
        guard let index = plan.films.firstIndex(of: id), let base = plan.base else { continue }
        let film = base.film(at: index)
        return (film, film.kept.map { base.files[$0.file] })
      }
      return nil
    }
  }

  static func event(_ fields: String, date: String = "2026-11-28") throws -> DispatcherEvent {
    var defaults = DispatcherEvent.Defaults()
    (defaults.bucket, defaults.sourceBucket, defaults.sourceKey) = ("lake", "lake", "movies.csv")
    defaults.prefix = StoredBase.prefix
    defaults.requestsPerSecond = 0
    return try DispatcherEvent(
      parsing: Array("{\"run\":\"next\"\(fields.isEmpty ? "" : ",")\(fields)}".utf8), defaults: defaults,
      now: try #require(UnixTime(iso8601: date + "T03:00:00Z")), requestID: "r")
  }

  func prepare(
    _ films: [String], _ fields: String = #""refresh":"changed""#, date: String = "2026-11-28",
    isPlanned: Bool = false
  ) throws -> Outcome {
    var configuration = StandIn.Configuration()
    configuration.token = "token"
    configuration.keepsRequests = true
    configuration.edits = try edits.map { try Edit(parsing: $0) }
    configuration.today = CalendarDay(parsing: date)
    configuration.failRules = try rules.map { try FaultRule(parsing: $0) }
    let server = try StandInServer(configuration)
    defer { server.stop() }
    let event = try Self.event(fields, date: date)
    let (store, url, token, seconds) = (store, server.baseURL, token, seconds)
    let dispatcher = try DispatcherConfiguration(environment: ["ELENCO_WORKER_FUNCTION": "worker"])
    return try EventLoop.run { loop in
      let dependencies = DispatcherDependencies(
        objects: store,
        openTMDB: { TMDBClient(http: HTTPClient(loop: loop), baseURL: url, token: Secret(token)) },
        forgetToken: {}, clock: loop, randomness: loop)
      let base =
        event.refresh == .changed
        ? try await BaseRun.find(
          event.base, for: event.run, destination: event.destination, objects: store) : nil
      let tmdb = DispatcherTMDB(dependencies)
      let prepared = try await RunPreparation(
        dependencies: dependencies, tmdb: tmdb,
        timeBudget: TimeBudget(remaining: .seconds(seconds), now: .now)
      ).prepare(
        RunPlan(event, run: event.run, films: films, date: event.date), base: base, isPlanned: isPlanned)
      return Outcome(
        plan: prepared.plan, lookup: prepared.lookup, warnings: prepared.warnings, requests: tmdb.requests,
        forecast: prepared.plan.forecast(dispatcher, dispatcherRequests: tmdb.requests),
        paths: server.requests().map { $0.path })
    }
  }
}
