import Shared

/// Finds the runs under a prefix, and what became of each, from S3 alone.
struct RunCatalog {
  /// Maximum number of runs that are read concurrently. Each can have `RunReader.readsMax` requests in flight.
  private static let readsMax = 8
  /// Maximum number of runs that are looked for concurrently, with one request each.
  private static let listsMax = 32

  /// A run, and when the plan of its shard 0 was written.
  struct Found: Sendable {
    let run: RunName
    let plannedAt: UnixTime
  }

  /// A line of the list of runs.
  struct Entry: Encodable, Equatable, Sendable {
    enum State: String, Encodable {
      /// Every film is in a data file or absent from TMDB.
      case complete
      /// Some shards need a replay.
      case incomplete
      /// Workers are active, or have just been invoked.
      case running
      /// Complete, but another run has taken the folder since.
      case replaced
      case cancelled
    }

    let run: RunName
    let date: String
    let plannedAt: String
    let state: State
    /// Number of films in the plans, of those that are in the data files, absent and failed; nil while the run has no
    /// manifest.
    let films: Int?
    let filmsWritten: Int?
    let absent: Int?
    let failed: Int?
    let requests: Int?
    let bytes: Int?
    let shards: Int
    let shardsComplete: Int
  }

  let s3: any RunObjects
  let location: RunLocation

  private var bucket: String { location.destination.bucket }

  /// All runs that have a plan of shard 0, the newest first.
  /// - Parameter known: runs that were found before. Nothing is read for them.
  func runs(known: [RunName: Found] = [:]) async throws -> [Found] {
    let folder = RunLayout.allRuns(prefix: location.destination.prefix)
    let names = try await s3.folders(bucket: bucket, prefix: folder).compactMap {
      RunName(String($0.dropFirst(folder.count).dropLast()))
    }
    let found = try await BoundedFanOut.map(names, limit: Self.listsMax) { run -> Found? in
      if let found = known[run] { return found }
      let key = RunLayout.plan(prefix: location.destination.prefix, run: run, shard: 0)
      let plan = try await s3.list(bucket: bucket, prefix: key).first { $0.key == key }
      return plan.map { Found(run: run, plannedAt: $0.modifiedAt) }
    }
    return found.compactMap { $0 }.sorted {
      ($0.plannedAt, "\($0.run)") > ($1.plannedAt, "\($1.run)")
    }
  }

  /// The run that was planned last.
  /// - Throws: `NoRuns`.
  func latest() async throws -> RunName {
    guard let latest = try await runs().first else {
      throw NoRuns(
        folder: ObjectAddress(
          bucket: bucket, key: RunLayout.allRuns(prefix: location.destination.prefix)))
    }
    return latest.run
  }

  /// Reads what became of the given runs.
  func entries(_ runs: [Found]) async throws -> [Entry] {
    try await BoundedFanOut.map(runs, limit: Self.readsMax) { try await entry($0) }
  }

  /// A run whose manifest says that it is complete takes three requests, any other one those of `RunReader.status`.
  private func entry(_ found: Found) async throws -> Entry {
    let reader = RunReader(s3: s3, destination: location.destination, run: found.run)
    let manifest = try await reader.manifest()
    if let manifest, let state = try await completeState(manifest, reader) {
      return Entry(
        found, date: manifest.date, state, manifest, shards: manifest.shards, complete: manifest.shards)
    }
    let status = try await reader.status(terms: location.terms)
    return Entry(
      found, date: status.plan.date, status.runState, manifest, shards: status.plan.shards,
      complete: status.reports.count { $0.state == .complete })
  }

  /// Nil unless the manifest and _SUCCESS say that the run is complete.
  private func completeState(_ manifest: Manifest, _ reader: RunReader) async throws -> Entry.State? {
    guard manifest.isComplete else { return nil }
    let layout = RunLayout(
      prefix: reader.destination.prefix, run: manifest.run, date: manifest.date)
    if case .replaced? = try await reader.interruption(layout) { return .replaced }
    return try await s3.head(reader.address(layout.success)) == nil ? nil : .complete
  }
}

extension RunStatus {
  /// What became of the whole run.
  var runState: RunCatalog.Entry.State {
    if replacedBy != nil { return .replaced }
    if cancelledAt != nil { return .cancelled }
    if reports.count(where: { $0.state == .complete }) == plan.shards, !isUnfinished { return .complete }
    return toReplay.isEmpty ? .running : .incomplete
  }
}

extension RunCatalog.Entry {
  fileprivate init(
    _ found: RunCatalog.Found, date: String, _ state: State, _ manifest: Manifest?, shards: Int, complete: Int
  ) {
    self.init(
      run: found.run, date: date, plannedAt: found.plannedAt.iso8601, state: state, films: manifest?.films,
      filmsWritten: manifest?.filmsWritten, absent: manifest?.absent.count, failed: manifest?.failed.count,
      requests: manifest?.requests, bytes: manifest?.bytes, shards: shards, shardsComplete: complete)
  }
}

/// There is no run under the prefix.
struct NoRuns: Error, CustomStringConvertible {
  let folder: ObjectAddress

  var description: String {
    "there is no run at \(folder). Check --bucket and --prefix; to start a run: elenco run --function "
      + "DISPATCHER"
  }
}
