import Shared

/// Decides which film of a shard to fetch next, and which file is ready to be written. Performs no I/O.
///
/// Films are started in the order of the plan and can finish in any order. Counted from the first film of the oldest
/// unwritten file, at most `filmsPerFile + inFlightMax` films are started. So a worker that dies loses at most one file's
/// films and those in flight, and one slow film cannot fill its memory with the whole shard.
struct ShardProgress {
  /// A film to fetch.
  struct Film: Sendable, Equatable {
    let id: String
    /// Index of its file among the files to fetch.
    fileprivate let file: Int
    /// Index of the film in its file.
    fileprivate let position: Int
    /// Index of the film in the plan.
    let index: Int
  }

  private struct File {
    let number: Int
    let films: ArraySlice<String>
    /// Whether films that need not be fetched still have to be read: those of a partial file of an earlier hop, and those
    /// that are kept from the run's base.
    var needsLoading: Bool
    var isLoading = false
    var isWritten = false
    /// Whether this hop has fetched any of its films.
    var isChanged = false
    var outcomes: [FilmOutcome?]
    /// The films that were kept from the run's base.
    var kept: Set<String> = []
    /// See `KnownFilms.baseFile`.
    var baseFile: DataFile?

    var isFull: Bool { !needsLoading && outcomes.allSatisfy { $0 != nil } }
  }

  /// The number of films that may be in flight; follows the rate.
  var inFlightMax: Int

  /// Films per file, except the last one.
  private let filmsPerFile: Int
  private var files: [File]
  /// The number of films in all files before each file.
  private let offsets: [Int]
  private var ready: [Int] = []
  private var (nextFile, nextPosition) = (0, 0)
  private var inFlight = 0
  private var oldestUnwritten = 0

  /// - Parameters:
  ///   - files: the files to fetch, in order.
  ///   - absent: films that earlier hops found to be absent from TMDB.
  ///   - inFlightMax: the largest number of films that will ever be in flight.
  init(files: [Checkpoint.Missing], absent: Set<String>, filmsPerFile: Int, inFlightMax: Int) {
    self.inFlightMax = inFlightMax
    self.filmsPerFile = filmsPerFile
    self.files = files.map { file in
      File(
        number: file.number, films: file.films, needsLoading: file.isPartial || file.hasFilmsToKeep,
        outcomes: file.films.map { absent.contains($0) ? .absent : nil })
    }
    var offset = 0
    offsets = files.map { file in
      defer { offset += file.films.count }
      return offset
    }
    for index in files.indices where self.files[index].isFull { ready.append(index) }
  }

  /// Whether every file is written.
  var isFinished: Bool { oldestUnwritten == files.count }

  /// The next file of which films have to be read before the others can be started. Returns each file once.
  mutating func fileToLoad() -> Int? {
    guard nextFile < files.count, files[nextFile].needsLoading, !files[nextFile].isLoading,
      isNear(nextFile, 0)
    else {
      return nil
    }
    files[nextFile].isLoading = true
    return nextFile
  }

  /// Takes the films of a file that need not be fetched.
  mutating func load(_ known: KnownFilms, into file: Int) {
    files[file].needsLoading = false
    for (index, id) in files[file].films.enumerated() {
      if let response = known.responses[id] { files[file].outcomes[index] = .credits(response) }
    }
    files[file].kept = known.kept
    files[file].baseFile = known.baseFile
    if files[file].isFull { ready.append(file) }
  }

  /// The next film to start; nil while enough films are in flight, and when all are started.
  mutating func nextFilm() -> Film? {
    while nextFile < files.count, !files[nextFile].needsLoading {
      guard inFlight < inFlightMax, isNear(nextFile, nextPosition) else { return nil }
      let (file, position) = (nextFile, nextPosition)
      nextPosition += 1
      if nextPosition == files[file].films.count { (nextFile, nextPosition) = (nextFile + 1, 0) }
      guard files[file].outcomes[position] == nil else { continue }
      inFlight += 1
      let films = files[file].films
      let index = films.startIndex + position
      return Film(id: films[index], file: file, position: position, index: index)
    }
    return nil
  }

  /// Records a film's outcome. A postponed film is left for the next hop.
  mutating func finish(_ film: Film, _ outcome: FilmOutcome) {
    inFlight -= 1
    guard outcome != .postponed else { return }
    files[film.file].outcomes[film.position] = outcome
    files[film.file].isChanged = true
    if files[film.file].isFull { ready.append(film.file) }
  }

  /// A file whose films all have an outcome. Returns each file once.
  mutating func takeFull() -> FetchedFile? { ready.isEmpty ? nil : take(ready.removeFirst()) }

  /// The files that this hop has begun and cannot finish, with the films fetched so far.
  mutating func takePartial() -> [FetchedFile] {
    files.indices.filter { files[$0].isChanged && !files[$0].isFull }.map { take($0) }
  }

  /// Records that a complete file has been written to S3.
  mutating func markWritten(_ file: Int) {
    files[file].isWritten = true
    while oldestUnwritten < files.count, files[oldestUnwritten].isWritten { oldestUnwritten += 1 }
  }

  private mutating func take(_ file: Int) -> FetchedFile {
    let films = zip(files[file].films, files[file].outcomes).map { (id: $0, outcome: $1 ?? .postponed) }
    let (kept, baseFile) = (files[file].kept, files[file].baseFile)
    // Frees the memory: the fetched file now owns the responses.
    files[file].outcomes = Array(repeating: .postponed, count: films.count)
    (files[file].kept, files[file].baseFile) = ([], nil)
    return FetchedFile(
      position: file, number: files[file].number, films: films, kept: kept, baseFile: baseFile)
  }

  private func isNear(_ file: Int, _ position: Int) -> Bool {
    // All files may be written before the last film has been visited, if every outcome was known from the start.
    !isFinished && offsets[file] + position - offsets[oldestUnwritten] < filmsPerFile + inFlightMax
  }
}
