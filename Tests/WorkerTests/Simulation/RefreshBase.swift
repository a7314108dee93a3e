import Testing

@testable import Dispatcher
@testable import Shared

/// A simulated run from which another one keeps films: what is in its data files, known from the simulated TMDB and not
/// from the files. Makes the plans of that other run as the dispatcher should.
struct RefreshBase {
  struct Film {
    let response: [UInt8]
    let tmdbID: Int
    let fetchedOn: String
  }

  let run: SimulatedRun
  /// The films that the run's data files contain, by number.
  let films: [Int: Film]
  /// All films that the run was asked for, in order.
  let planned: [Int]

  /// - Parameter kept: films that the run kept from its own base; the others are as TMDB has them now.
  init(_ run: SimulatedRun, kept: [Int: Film] = [:]) {
    self.run = run
    planned = run.plans.flatMap(\.films).map(Self.number)
    let present = planned.filter { kept[$0] != nil || !run.tmdb.isAbsent($0) }
    let films = present.map { film in
      let fetched = Film(
        response: run.tmdb.credits(of: film), tmdbID: run.tmdb.tmdbID(of: film),
        fetchedOn: run.plans[0].date)
      return (film, kept[film] ?? fetched)
    }
    self.films = Dictionary(uniqueKeysWithValues: films)
  }

  /// The response as a copy from the data files has it.
  func copy(of film: Film) -> [UInt8] {
    guard run.size.encoding.format == .lines else { return film.response }
    let object = film.response.drop { $0 != UInt8(ascii: "{") }
    return object.map { $0 == 10 || $0 == 13 ? UInt8(ascii: " ") : $0 }
  }

  static func number(_ id: String) -> Int { (Int(id.dropFirst(2)) ?? 0) - 1_000_000 }

  /// What the next run is to do.
  struct Refresh {
    /// The selected films, in order.
    var films: [Int]
    /// Films that TMDB's list of changes has.
    var changed: Set<Int> = []
    /// Films whose responses are too old.
    var due: Set<Int> = []
    var name = "refreshed"
    var date = "2026-11-25"
    var lookup = Lookup.find
  }

  /// The films of a run that are copied from this one.
  func kept(_ refresh: Refresh) -> [Int: Film] {
    let selected = Set(refresh.films)
    return films.filter {
      selected.contains($0.key) && !refresh.changed.contains($0.key) && !refresh.due.contains($0.key)
    }
  }

  /// The refresh run, with its plans in S3.
  func refreshed(_ refresh: Refresh, _ size: SimulatedRun.Size) throws -> SimulatedRun {
    let plans = try plans(refresh, size)
    if refresh.date == run.plans[0].date {
      run.delete(plans[0].layout.success)
      try copyOverwritten(plans)
    }
    return try SimulatedRun(plans.map { copied($0, plans) }, size, after: run)
  }

  private func plans(_ refresh: Refresh, _ size: SimulatedRun.Size) throws -> [ShardPlan] {
    let hashes = Dictionary(uniqueKeysWithValues: try run.manifest().files.map { ($0.key, $0.sha256) })
    let places = self.places
    return try Partition.ranges(of: refresh.films.count, shards: size.shards).enumerated().map {
      shard, range -> ShardPlan in
      var files: [ShardBase.File] = []
      var counts = RefreshCounts()
      let selected = range.map { refresh.films[$0] }
      let films = try selected.map { film -> ShardBase.Film in
        guard let known = self.films[film] else {
          counts.new += places[film] == nil ? 1 : 0
          counts.absent += places[film] == nil ? 0 : 1
          return ShardBase.Film(tmdbID: nil, kept: nil)
        }
        counts.changed += refresh.changed.contains(film) ? 1 : 0
        counts.due += !refresh.changed.contains(film) && refresh.due.contains(film) ? 1 : 0
        guard !refresh.changed.contains(film), !refresh.due.contains(film) else {
          return ShardBase.Film(tmdbID: known.tmdbID, kept: nil)
        }
        counts.kept += 1
        let key = try #require(places[film])
        let file = files.firstIndex { $0.key == key } ?? files.count
        if file == files.count { files.append(.init(key: key, sha256: try #require(hashes[key]))) }
        let day = try #require(UnixDay(iso8601: known.fetchedOn))
        return ShardBase.Film(tmdbID: known.tmdbID, kept: .init(file: file, fetchedOn: day))
      }
      let base = ShardBase(
        run: run.plans[0].run, encoding: run.size.encoding, files: files, counts: counts, films: films)
      return ShardPlan(
        run: try #require(RunName(refresh.name)), date: refresh.date, shard: shard, shards: size.shards,
        destination: run.plans[0].destination, filmsPerFile: size.filmsPerFile,
        requestsPerSecond: size.requestsPerSecond, rateScope: size.rateScope, workers: size.workers,
        lookup: refresh.lookup, genres: ["Drama"], encoding: size.encoding, base: base,
        films: selected.map(SimulatedTMDB.id))
    }
  }

  /// The key of the data file that each planned film belongs to, absent ones too.
  private var places: [Int: String] {
    var places: [Int: String] = [:]
    for plan in run.plans {
      for (position, id) in plan.films.enumerated() {
        let name = "Atores-T\(plan.shard)-\(position / plan.filmsPerFile + 1)\(run.size.encoding.ending)"
        places[Self.number(id)] = "p/\(plan.date.replacing("-", with: "/"))/\(name)"
      }
    }
    return places
  }

  /// The base's files of which the new run keeps a film in a file of another name, while it overwrites them.
  private func overwritten(_ plans: [ShardPlan]) -> Set<String> {
    var (keys, sources) = (Set<String>(), Set<String>())
    for plan in plans {
      for (position, film) in plan.films.indices.enumerated() {
        let key =
          "p/\(plan.date.replacing("-", with: "/"))/Atores-T\(plan.shard)-"
          + "\(position / plan.filmsPerFile + 1)\(plan.encoding.ending)"
        keys.insert(key)
        guard let base = plan.base, let kept = base.film(at: film).kept else { continue }
        if base.files[kept.file].key != key { sources.insert(base.files[kept.file].key) }
      }
    }
    return keys.intersection(sources)
  }

  private func copyKey(_ key: String, _ plan: ShardPlan) -> String {
    "p/_runs/\(plan.run)/base/" + (key.split(separator: "/").last ?? "")
  }

  private func copyOverwritten(_ plans: [ShardPlan]) throws {
    for key in overwritten(plans) {
      let bytes = try #require(run.store.objects[key]).bytes
      _ = run.store.put(copyKey(key, plans[0]), bytes, metadata: [], .none, at: run.loop.date)
    }
  }

  /// The plan with the names of the copies.
  private func copied(_ plan: ShardPlan, _ plans: [ShardPlan]) -> ShardPlan {
    guard let base = plan.base, plan.date == run.plans[0].date else { return plan }
    let overwritten = overwritten(plans)
    let files = base.files.map { file in
      ShardBase.File(
        key: overwritten.contains(file.key) ? copyKey(file.key, plan) : file.key, sha256: file.sha256)
    }
    var copied = plan
    copied.base = ShardBase(
      run: base.run, encoding: base.encoding, files: files, counts: base.counts,
      films: plan.films.indices.map(base.film(at:)))
    return copied
  }
}
