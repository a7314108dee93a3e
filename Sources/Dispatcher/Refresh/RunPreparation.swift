import Shared

/// Completes a run's plan with what depends on TMDB and on an earlier run: the kind of lookup, and what the base knows
/// about the films.
struct RunPreparation {
  let dependencies: DispatcherDependencies
  let tmdb: DispatcherTMDB
  /// For the requests to TMDB.
  let timeBudget: TimeBudget

  private var objects: any ObjectStore { dependencies.objects }

  /// A plan that is ready to be carried out.
  struct Prepared {
    var plan: RunPlan
    /// What `"lookup": "auto"` has taken; nil if the event's `lookup` is another.
    var lookup: DispatcherResponse.LookupTaken?
    var warnings: [String] = []
  }

  /// - Parameters:
  ///   - search: the base that was found; nil for a run that fetches every film.
  ///   - isPlanned: whether plans of the run may exist.
  /// - Throws: `RunExists`, `TMDBFailure`, `TokenMissing`, `AWSServiceError`.
  func prepare(_ plan: RunPlan, base search: BaseRun.Search?, isPlanned: Bool) async throws -> Prepared {
    var prepared = Prepared(plan: plan)
    let stored =
      isPlanned && StoredPlans.areTimeDependent(plan.event)
      ? try await StoredPlans(of: plan, objects: objects) : StoredPlans()
    if stored.plans.count < plan.shards.count {
      let base = try await base(search, stored, &prepared)
      let rule: RefreshRule? = if let base { try await rule(base, plan: plan, &prepared) } else { nil }
      let lookup = try await lookup(plan, rule, stored)
      prepared.lookup = lookup
      for shard in prepared.plan.shards.indices { prepared.plan.shards[shard].lookup = lookup.taken }
      if let base, let rule { try await add(base, rule, to: &prepared) }
    }
    for (shard, plan) in stored.plans { prepared.plan.shards[shard] = plan }
    if let first = stored.first {
      prepared.lookup = .init(first.lookup, reason: "An earlier attempt of this event has chosen it.")
    }
    if plan.event.lookup != .auto { prepared.lookup = nil }
    return prepared
  }

  /// The base of the stored plans, or the one that was found.
  private func base(
    _ search: BaseRun.Search?, _ stored: StoredPlans, _ prepared: inout Prepared
  ) async throws -> BaseRun? {
    let event = prepared.plan.event
    if let first = stored.first {
      guard let name = first.base?.run else { return nil }
      if case .found(let base)? = search, base.run == name { return base }
      let again = try await BaseRun.find(
        name, for: prepared.plan.run, destination: event.destination, objects: objects)
      if case .found(let base) = again { return base }
      return nil
    }
    switch search {
    case nil: return nil
    case .found(let base): return base
    case .missing(let reason):
      prepared.warnings.append(reason)
      return nil
    }
  }

  /// Reads what decides about the films: the base's index and TMDB's list of changes.
  private func rule(
    _ base: BaseRun, plan: RunPlan, _ prepared: inout Prepared
  ) async throws -> RefreshRule? {
    guard let first = plan.shards.first, let today = UnixDay(iso8601: plan.date) else { return nil }
    let bucket = plan.event.destination.bucket
    let changes = try await changes(since: base, today: today, first, &prepared)
    let (films, shardsWithoutIndex) = try await BaseReader(objects: objects, bucket: bucket, base: base)
      .films()
    if shardsWithoutIndex > 0 {
      prepared.warnings.append(
        "The index of run \(base.run) cannot be read for \(shardsWithoutIndex) of its \(base.manifest.shards) shards, "
          + "so their data files were read instead.")
    }
    var rule = RefreshRule(base: films, changes: changes, today: today, maxAgeDays: plan.event.maxAgeDays)
    guard case .films = changes else { return rule }
    rule.filesGone = try await BaseDataFiles(base: base, objects: objects, bucket: bucket).gone()
    if !rule.filesGone.isEmpty {
      prepared.warnings.append(
        "\(rule.filesGone.count) of the \(base.manifest.files.count) data files of run \(base.run) are gone or have "
          + "another size, so their films are fetched.")
    }
    return rule
  }

  /// - Returns: TMDB's list of changes since a day before the base; unavailable if it is not complete.
  private func changes(
    since base: BaseRun, today: UnixDay, _ plan: ShardPlan, _ prepared: inout Prepared
  ) async throws -> ChangedFilms {
    let maxAgeDays = prepared.plan.event.maxAgeDays
    let changes: ChangedFilms =
      today - base.date > maxAgeDays
      ? .unavailable(reason: "run \(base.run) is older than \"maxAgeDays\": \(maxAgeDays)")
      : try await tmdb.use(plan) {
        try await $0.changedFilms(from: base.date + -1, through: today, timeBudget: timeBudget)
      }
    if case .unavailable(let reason) = changes {
      prepared.warnings.append(
        "Every film is fetched, with one request for each film that run \(base.run) has, because TMDB's list of the "
          + "changes since \((base.date + -1).iso8601) was not used: \(reason).")
    }
    return changes
  }

  /// The kind of lookup: that of the stored plans or of the event, or what a sample shows.
  private func lookup(
    _ plan: RunPlan, _ rule: RefreshRule?, _ stored: StoredPlans
  ) async throws -> DispatcherResponse.LookupTaken {
    if let first = stored.first { return .init(first.lookup, reason: "") }
    if let given = plan.event.lookup.lookup { return .init(given, reason: "") }
    guard let first = plan.shards.first else { return .init(.find, reason: "There is no film.") }
    // A film that was absent from the base says nothing about the two ways.
    let films = plan.shards.flatMap(\.films).filter { id in
      guard let rule else { return true }
      if case .fetch(.new, _) = rule.decide(id) { return true }
      return false
    }
    // Without a request, no token has to be read.
    guard films.count > LookupSample.requests else { return LookupSample.tooFew(films: films.count) }
    return try await tmdb.use(first) { try await $0.chooseLookup(for: films, timeBudget: timeBudget) }
  }

  /// Adds the base to the plans, after the files that the run overwrites were copied.
  private func add(_ base: BaseRun, _ rule: RefreshRule, to prepared: inout Prepared) async throws {
    guard let layout = prepared.plan.shards.first?.layout else { return }
    let bucket = prepared.plan.event.destination.bucket
    var rule = rule
    let overwritten = BaseDataFiles.overwritten(base, plans: prepared.plan.shards, rule)
    if !prepared.plan.event.dryRun, !overwritten.isEmpty {
      let files = BaseDataFiles(base: base, objects: objects, bucket: bucket)
      rule.filesGone.formUnion(try await files.copy(overwritten, for: layout))
    }
    for shard in prepared.plan.shards.indices {
      prepared.plan.shards[shard].base = ShardBase(
        of: prepared.plan.shards[shard], base, rule, copied: overwritten)
    }
  }
}

extension ShardBase {
  /// What the base knows about a shard's films.
  /// - Parameter copied: indexes of the base's data files that this run has copied.
  init(of plan: ShardPlan, _ base: BaseRun, _ rule: RefreshRule, copied: Set<Int>) {
    var files: [File] = []
    // Indexes in `files`, by index in the base's manifest.
    var indexes: [Int: Int] = [:]
    var counts = RefreshCounts()
    var films: [Film] = []
    films.reserveCapacity(plan.films.count)
    for id in plan.films {
      switch rule.decide(id) {
      case .fetch(let reason, let tmdbID):
        counts.count(reason)
        films.append(Film(tmdbID: tmdbID, kept: nil))
      case .keep(let film):
        counts.kept += 1
        let index = indexes[film.file] ?? files.count
        if index == files.count {
          let file = base.manifest.files[film.file]
          let key = copied.contains(film.file) ? plan.layout.baseCopy(of: file.key) : file.key
          files.append(File(key: key, sha256: file.sha256))
          indexes[film.file] = index
        }
        films.append(Film(tmdbID: film.tmdbID, kept: Kept(file: index, fetchedOn: film.fetchedOn)))
      }
    }
    self.init(run: base.run, encoding: base.encoding, files: files, counts: counts, films: films)
  }
}
