import Shared

/// The completed run that a run with `"refresh": "changed"` starts from, as its manifest describes it.
struct BaseRun: Sendable {
  let manifest: Manifest
  let layout: RunLayout
  let date: UnixDay
  let encoding: DataFileEncoding
  /// Indexes of the manifest's files, by key.
  private let files: [String: Int]

  var run: RunName { manifest.run }

  /// - Returns: nil if the manifest has a date that does not exist, which Elenco does not write.
  init?(_ manifest: Manifest, prefix: String) {
    guard let date = UnixDay(iso8601: manifest.date) else { return nil }
    self.manifest = manifest
    self.date = date
    layout = RunLayout(prefix: prefix, run: manifest.run, date: manifest.date)
    encoding = manifest.files.first.flatMap { DataFileEncoding(key: $0.key) } ?? DataFileEncoding()
    files = Dictionary(manifest.files.enumerated().map { ($1.key, $0) }) { first, _ in first }
  }

  /// The index in the manifest of a shard's data file; nil if the run has no such file.
  func file(shard: Int, number: Int) -> Int? { files[layout.dataFile(shard: shard, file: number, encoding)] }
}

extension BaseRun {
  /// The result of looking for the base.
  enum Search: Sendable {
    case found(BaseRun)
    /// - Parameter reason: why every film is fetched, a sentence.
    case missing(reason: String)
  }

  /// Finds the run to start from: the named one, or the newest complete one.
  /// - Parameters:
  ///   - name: nil takes the newest.
  ///   - run: the run that is being planned. It is never its own base.
  /// - Throws: `BaseRefused` if the named run cannot be a base; `AWSServiceError`.
  static func find(
    _ name: RunName?, for run: RunName, destination: Destination, objects: any ObjectStore
  ) async throws -> Search {
    if let name, name != run {
      switch try await read(name, destination, objects) {
      case .success(let base): return .found(base)
      case .failure(let problem): throw BaseRefused(run: name, destination: destination, problem: problem)
      }
    }
    let latest = ObjectAddress(bucket: destination.bucket, key: RunLayout.latest(prefix: destination.prefix))
    guard let bytes = try await objects.get(latest) else {
      return .missing(
        reason: "This run fetches every film, because no earlier run is complete: \(latest) does not exist.")
    }
    guard let newest = try? JSONText.decode(LatestRun.self, from: bytes), newest.run != run else {
      return .missing(reason: "This run fetches every film, because \(latest) does not name an earlier run.")
    }
    switch try await read(newest.run, destination, objects) {
    case .success(let base): return .found(base)
    case .failure(let problem):
      return .missing(
        reason: "This run fetches every film, because run \(newest.run), which \(latest) names, "
          + "\(problem.predicate).")
    }
  }

  private static func read(
    _ name: RunName, _ destination: Destination, _ objects: any ObjectStore
  ) async throws -> Result<BaseRun, BaseRefused.Problem> {
    let layout = RunLayout(prefix: destination.prefix, run: name, date: "")
    let object = ObjectAddress(bucket: destination.bucket, key: layout.manifest)
    guard let bytes = try await objects.get(object) else {
      // A run that has not ended has plans, but no manifest.
      let plan = ObjectAddress(bucket: destination.bucket, key: layout.plan(shard: 0))
      return .failure(try await objects.head(plan) == nil ? .unknown : .unfinished)
    }
    guard let manifest = try? JSONText.decode(Manifest.self, from: bytes), manifest.run == name,
      let base = BaseRun(manifest, prefix: destination.prefix)
    else { return .failure(.unreadable) }
    if manifest.cancelledAt != nil { return .failure(.cancelled) }
    return manifest.isComplete ? .success(base) : .failure(.incomplete)
  }
}

/// The event names a base that no run can start from. Nothing was written.
struct BaseRefused: TypedError, Equatable {
  enum Problem: Error, Equatable {
    case unknown
    case unfinished
    case cancelled
    case incomplete
    case unreadable

    /// Completes a sentence about the run.
    var predicate: String {
      switch self {
      case .unknown: "does not exist"
      case .unfinished: "has not ended"
      case .cancelled: "was cancelled"
      case .incomplete: "is incomplete, because films failed or workers stopped"
      case .unreadable: "has a manifest that cannot be read"
      }
    }
  }

  let run: RunName
  let destination: Destination
  let problem: Problem

  var errorType: String { "BaseRefused" }

  var description: String {
    let folder = ObjectAddress(
      bucket: destination.bucket, key: RunLayout.runFolder(prefix: destination.prefix, run: run))
    let advice =
      switch problem {
      case .unfinished: "Wait until it has ended"
      case .cancelled, .incomplete: "Complete it first with: elenco replay \(run) --incomplete"
      case .unknown, .unreadable: "Name another run"
      }
    return
      "The event's field \"base\" names run \(run), which \(problem.predicate) (\(folder)). \(advice), or omit \"base\" "
      + "to start from the newest complete run."
  }
}
