import Shared

/// Which film of a shard is next, and which file is full: the worker's decisions, without its I/O.
///
/// Films are started in the order of the plan and may finish in any. A film is started only while the oldest
/// unwritten file is near, so that one slow film cannot make the worker hold the whole shard in memory.
struct ShardProgress {
  /// A file of the plan that is to be fetched.
  struct FileState {
    /// From 1.
    let number: Int
    let films: ArraySlice<String>
    fileprivate var outcomes: [FilmOutcome?]
    fileprivate var missing: Int
  }

  /// A film that may be started.
  struct Film: Sendable, Equatable {
    let id: String
    /// Position in the list of files to be fetched.
    fileprivate let file: Int
    fileprivate let position: Int
  }

  /// Films that are fetched at once.
  let inFlightMax: Int
  /// Films between the first of the oldest unwritten file and the newest that was started.
  let windowFilms: Int

  private var files: [FileState]
  private var isWritten: [Bool]
  private var nextFile = 0
  private var nextPosition = 0
  private var inFlight = 0
  private var oldestUnwritten = 0
  /// Films of the files before each file, in this list.
  private let offsets: [Int]

  /// - Parameter files: number and films of the files to be fetched, in order.
  init(files: [(number: Int, films: ArraySlice<String>)], filmsPerFile: Int, inFlightMax: Int) {
    self.inFlightMax = inFlightMax
    windowFilms = 2 * filmsPerFile + inFlightMax
    self.files = files.map {
      FileState(
        number: $0.number, films: $0.films, outcomes: Array(repeating: nil, count: $0.films.count),
        missing: $0.films.count)
    }
    isWritten = Array(repeating: false, count: files.count)
    var offset = 0
    offsets = files.map { file in
      defer { offset += file.films.count }
      return offset
    }
  }

  /// Whether every file is written.
  var isFinished: Bool { oldestUnwritten == files.count }

  /// The next film to start; nil while enough are on their way, or when all are.
  mutating func nextFilm() -> Film? {
    guard inFlight < inFlightMax, nextFile < files.count else { return nil }
    guard offsets[nextFile] + nextPosition - offsets[oldestUnwritten] < windowFilms else { return nil }
    let (file, position) = (nextFile, nextPosition)
    let films = files[file].films
    inFlight += 1
    nextPosition += 1
    if nextPosition == films.count { (nextFile, nextPosition) = (nextFile + 1, 0) }
    return Film(id: films[films.startIndex + position], file: file, position: position)
  }

  /// Takes a film's outcome.
  /// - Returns: the film's file when it was the last that was missing, with the outcomes in order.
  mutating func finish(_ film: Film, _ outcome: FilmOutcome) -> FinishedFile? {
    inFlight -= 1
    files[film.file].outcomes[film.position] = outcome
    files[film.file].missing -= 1
    guard files[film.file].missing == 0 else { return nil }
    let state = files[film.file]
    // What was fetched now belongs to the finished file alone.
    files[film.file].outcomes = []
    return FinishedFile(
      position: film.file, number: state.number,
      films: Array(zip(state.films, state.outcomes.compactMap { $0 })))
  }

  /// Notes that a file is in S3.
  mutating func markWritten(_ position: Int) {
    isWritten[position] = true
    while oldestUnwritten < files.count, isWritten[oldestUnwritten] { oldestUnwritten += 1 }
  }
}

/// A file all of whose films have an outcome.
struct FinishedFile: Sendable {
  /// Position in the list of files to be fetched.
  let position: Int
  /// From 1.
  let number: Int
  let films: [(id: String, outcome: FilmOutcome)]

  init(position: Int, number: Int, films: [(id: String, outcome: FilmOutcome)]) {
    self.position = position
    self.number = number
    self.films = films
  }

  var absent: [String] { films.filter { $0.outcome == .absent }.map(\.id) }

  var failed: [ShardReport.FailedFilm] {
    films.compactMap { film in
      guard case .failed(let reason) = film.outcome else { return nil }
      return ShardReport.FailedFilm(id: film.id, reason: reason)
    }
  }
}
