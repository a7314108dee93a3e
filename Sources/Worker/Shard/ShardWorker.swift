import Shared

/// Works a shard off: fetches its missing films, many at once, and writes each file as soon as it is full.
struct ShardWorker: Sendable {
  /// Films that are fetched at once.
  static let inFlightMax = 64

  let plan: ShardPlan
  let s3: S3Client
  let fetcher: FilmFetcher
  let log: Log

  /// A file that was written.
  struct Written: Sendable {
    let number: Int
    let file: ShardReport.File
    let absent: [String]
    let failed: [ShardReport.FailedFilm]
  }

  private enum Step: Sendable {
    case fetched(ShardProgress.Film, FilmOutcome)
    case written(position: Int, Written)
  }

  /// Fetches and writes the given files.
  /// - Throws: `TMDBFailure` when TMDB cannot be used at all, `AWSServiceError` or `HTTPError` when a file cannot
  ///   be written. Files that were written until then stay, and are found by the next invocation.
  /// - Parameter note: told of each file once it is in S3, in the order of writing.
  func work(
    _ files: [(number: Int, films: ArraySlice<String>)], note: (Written) -> Void
  ) async throws {
    var progress = ShardProgress(
      files: files, filmsPerFile: plan.filmsPerFile, inFlightMax: Self.inFlightMax)
    try await withThrowingTaskGroup(of: Step.self) { group in
      while !progress.isFinished {
        while let film = progress.nextFilm() {
          group.addTask { .fetched(film, try await fetcher.fetch(film.id)) }
        }
        guard let step = try await group.next() else { break }
        switch step {
        case .fetched(let film, let outcome):
          guard let file = progress.finish(film, outcome) else { continue }
          group.addTask { .written(position: file.position, try await write(file)) }
        case .written(let position, let file):
          progress.markWritten(position)
          note(file)
        }
      }
    }
  }

  private func write(_ file: FinishedFile) async throws -> Written {
    let data = DataFile(films: file.films)
    let (absent, failed) = (file.absent, file.failed)
    let metadata = DataFileMetadata(
      run: plan.run, shard: plan.shard, films: data.films, absent: absent.count, failed: failed.count,
      sha256: data.sha256)
    let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.key(ofFile: file.number))
    _ = try await s3.put(
      object, data.body, sha256: data.sha256, contentType: "application/json", metadata: metadata.fields)
    log.debug(
      "file written",
      [
        "key": .string(object.key), "films": .integer(data.films), "bytes": .integer(data.body.count),
        "failed": .integer(failed.count),
      ])
    return Written(
      number: file.number,
      file: ShardReport.File(
        key: object.key, films: data.films, bytes: data.body.count, sha256: data.sha256,
        isComplete: metadata.isComplete, isResumed: false),
      absent: absent, failed: failed)
  }
}
