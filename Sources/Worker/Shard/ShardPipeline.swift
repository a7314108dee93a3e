import Shared

/// Fetches a shard's missing films, many concurrently, and writes each file as soon as all of its films are fetched or
/// kept from the run's base. When the time is up, writes the unfinished files with the films fetched so far.
struct ShardPipeline: Sendable {
  let plan: ShardPlan
  let dependencies: WorkerDependencies
  let fetcher: FilmFetcher
  let timeBudget: TimeBudget
  /// Marks the files of a `"replay": "all"`; nil otherwise.
  let generation: String?
  let writer: DataFileWriter
  let loader: KnownFilmsLoader
  let log: Log

  /// A file that has been written.
  struct Written: Sendable {
    let number: Int
    let file: ShardReport.File
    let absent: [String]
    let failed: [ShardReport.FailedFilm]
    /// Number of films left for the next hop.
    let postponed: Int
    /// Number of films that were kept from the run's base.
    let keptFilms: Int
    /// The file's part of the run's index.
    let index: [RunIndex.Film]
  }

  private enum Step: Sendable {
    case loaded(Int, KnownFilms)
    case fetched(ShardProgress.Film, FilmOutcome)
    case written(Int, Written)
  }

  /// Fetches and writes the given files.
  /// - Parameters:
  ///   - absent: films that earlier hops found to be absent from TMDB.
  ///   - onWrite: called for each file once it is in S3, in the order of writing.
  /// - Returns: whether every file is complete. If not, the next hop continues.
  /// - Throws: `TMDBFailure` when TMDB cannot be used at all; `LeaseLost` when another worker may have the shard;
  ///   `AWSServiceError` or `HTTPError` when a file cannot be written. Files written before that are kept, and the next
  ///   invocation finds them.
  func run(_ files: [Checkpoint.Missing], absent: Set<String>, onWrite: (Written) -> Void) async throws
    -> Bool
  {
    var progress = ShardProgress(
      files: files, absent: absent, filmsPerFile: plan.filmsPerFile, inFlightMax: FilmFetcher.inFlightMax)
    try await withThrowingTaskGroup(of: Step.self) { group in
      while true {
        start(&progress, files, in: &group)
        guard let step = try await group.next() else { return }
        switch step {
        case .loaded(let file, let known): progress.load(known, into: file)
        case .fetched(let film, let outcome): progress.finish(film, outcome)
        case .written(let file, let written):
          progress.markWritten(file)
          onWrite(written)
        }
      }
    }
    for file in progress.takePartial() { onWrite(try await write(file, of: files)) }
    return progress.isFinished
  }

  /// Starts every write, film and load that may be started now.
  private func start(
    _ progress: inout ShardProgress, _ files: [Checkpoint.Missing],
    in group: inout ThrowingTaskGroup<Step, any Error>
  ) {
    while let file = progress.takeFull() {
      group.addTask { .written(file.position, try await write(file, of: files)) }
    }
    guard dependencies.clock.now < timeBudget.startUntil else { return }
    progress.inFlightMax = fetcher.inFlightMax
    while let film = progress.nextFilm() {
      let known = plan.base?.film(at: film.index).tmdbID
      group.addTask { .fetched(film, try await fetcher.fetch(film.id, known: known, timeBudget: timeBudget)) }
    }
    if let file = progress.fileToLoad() {
      group.addTask { .loaded(file, try await loader.load(files[file])) }
    }
  }

  private func write(_ file: FetchedFile, of files: [Checkpoint.Missing]) async throws -> Written {
    let (data, contents) = await content(of: file)
    let (absent, failed) = (file.absent, file.failed)
    let metadata = DataFileMetadata(
      run: plan.run, shard: plan.shard, films: data.films, absent: absent.count, failed: failed.count,
      postponed: file.postponed, sha256: data.sha256, generation: generation,
      kept: plan.base.map { _ in file.kept.count })
    let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.key(ofFile: file.number))
    try await writer.write(data, metadata, to: object, replacing: files[file.position].etag)
    log.debug(
      "file written",
      [
        "key": .string(object.key), "films": .integer(data.films), "bytes": .integer(data.body.count),
        "failed": .integer(failed.count), "postponed": .integer(file.postponed),
      ])
    return Written(
      number: file.number,
      file: ShardReport.File(
        key: object.key, films: data.films, bytes: data.body.count, sha256: data.sha256,
        isComplete: metadata.isComplete, isResumed: false),
      absent: absent, failed: failed, postponed: file.postponed, keptFilms: file.kept.count,
      index: ShardIndex(plan: plan, objects: dependencies.objects)
        .films(inFile: file.number, contents: contents) { file.kept.contains($0) })
  }

  /// Puts the file together, and reads its films' TMDB ids.
  private func content(
    of file: FetchedFile
  ) async -> (data: DataFile, contents: [(id: String, tmdbID: Int?)]) {
    var encoder = DataFileEncoder(plan.encoding)
    var contents: [(id: String, tmdbID: Int?)] = []
    while let (id, response) = file.takeResponse() {
      contents.append((id, CreditsID.read(response)))
      guard file.baseFile == nil else { continue }
      encoder.append(response, of: id)
      // Compressing a whole file takes a worker with 128 MB about a second. In between it serves its other tasks.
      if plan.encoding.compression == .gzip { await Task.yield() }
    }
    return (file.baseFile ?? encoder.finish(), contents)
  }
}
