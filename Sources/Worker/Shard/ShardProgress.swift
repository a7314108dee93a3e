import Shared

/// Which film of a shard is next, and which file is full: the worker's decisions, without its I/O.
///
/// Films are started in the order of the plan and may finish in any. Of the files behind the oldest that is not
/// written, only so many films are started as may be on their way at once: a worker that dies loses no more than a
/// file's films and these, and one slow film cannot make it hold the whole shard in memory.
struct ShardProgress {
  /// A film that may be started.
  struct Film: Sendable, Equatable {
    let id: String
    /// Position in the list of files to be fetched.
    fileprivate let file: Int
    fileprivate let position: Int
  }

  private struct File {
    let number: Int
    let films: ArraySlice<String>
    /// Whether an earlier hop's part of the file is still to be read.
    var needsLoading: Bool
    var isLoading = false
    var isWritten = false
    /// Whether this hop has added anything.
    var hasNews = false
    var outcomes: [FilmOutcome?]

    var isFull: Bool { !needsLoading && outcomes.allSatisfy { $0 != nil } }
  }

  /// Films that may be on their way at once; follows the rate.
  var inFlightMax: Int

  /// Films of a whole file.
  private let filmsPerFile: Int
  private var files: [File]
  /// Films of the files before each file, in this list.
  private let offsets: [Int]
  private var ready: [Int] = []
  private var (nextFile, nextPosition) = (0, 0)
  private var inFlight = 0
  private var oldestUnwritten = 0

  /// - Parameters:
  ///   - files: the files to be fetched, in order.
  ///   - absent: films that earlier hops found TMDB not to have.
  ///   - inFlightMax: the most films that will ever be on their way at once.
  init(files: [Checkpoint.Missing], absent: Set<String>, filmsPerFile: Int, inFlightMax: Int) {
    self.inFlightMax = inFlightMax
    self.filmsPerFile = filmsPerFile
    self.files = files.map { file in
      File(
        number: file.number, films: file.films, needsLoading: file.isPartial,
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

  /// The next file whose earlier part is to be read before its films can be started; each comes once.
  mutating func fileToLoad() -> Int? {
    guard nextFile < files.count, files[nextFile].needsLoading, !files[nextFile].isLoading,
      isNear(nextFile, 0)
    else {
      return nil
    }
    files[nextFile].isLoading = true
    return nextFile
  }

  /// The number, from 1, of a file in the list.
  func number(ofFile file: Int) -> Int { files[file].number }

  /// Takes what an earlier hop has of a file.
  mutating func load(_ answers: [String: [UInt8]], into file: Int) {
    files[file].needsLoading = false
    for (index, id) in files[file].films.enumerated() {
      if let answer = answers[id] { files[file].outcomes[index] = .credits(answer) }
    }
    if files[file].isFull { ready.append(file) }
  }

  /// The next film to start; nil while enough are on their way, or when all are.
  mutating func nextFilm() -> Film? {
    while nextFile < files.count, !files[nextFile].needsLoading {
      guard inFlight < inFlightMax, isNear(nextFile, nextPosition) else { return nil }
      let (file, position) = (nextFile, nextPosition)
      nextPosition += 1
      if nextPosition == files[file].films.count { (nextFile, nextPosition) = (nextFile + 1, 0) }
      guard files[file].outcomes[position] == nil else { continue }
      inFlight += 1
      let films = files[file].films
      return Film(id: films[films.startIndex + position], file: file, position: position)
    }
    return nil
  }

  /// Takes a film's outcome; one that was postponed stays for the next hop.
  mutating func finish(_ film: Film, _ outcome: FilmOutcome) {
    inFlight -= 1
    guard outcome != .postponed else { return }
    files[film.file].outcomes[film.position] = outcome
    files[film.file].hasNews = true
    if files[film.file].isFull { ready.append(film.file) }
  }

  /// A file all of whose films have an outcome; each comes once.
  mutating func takeFull() -> FetchedFile? { ready.isEmpty ? nil : take(ready.removeFirst()) }

  /// The files that this hop has begun and cannot finish, with what there is of them; each comes once.
  mutating func takePartial() -> [FetchedFile] {
    files.indices.filter { files[$0].hasNews && !files[$0].isFull }.map { take($0) }
  }

  /// Notes that a whole file is in S3.
  mutating func markWritten(_ file: Int) {
    files[file].isWritten = true
    while oldestUnwritten < files.count, files[oldestUnwritten].isWritten { oldestUnwritten += 1 }
  }

  private mutating func take(_ file: Int) -> FetchedFile {
    let films = zip(files[file].films, files[file].outcomes).map { (id: $0, outcome: $1 ?? .postponed) }
    // What was fetched now belongs to the file that is written alone.
    files[file].outcomes = Array(repeating: .postponed, count: films.count)
    return FetchedFile(position: file, number: files[file].number, films: films)
  }

  private func isNear(_ file: Int, _ position: Int) -> Bool {
    // Files of which everything was known may all be written before the last of their films was looked at.
    !isFinished && offsets[file] + position - offsets[oldestUnwritten] < filmsPerFile + inFlightMax
  }
}

/// A file as it is to be written.
struct FetchedFile: Sendable {
  /// Position in the list of files to be fetched.
  let position: Int
  /// From 1.
  let number: Int
  let films: [(id: String, outcome: FilmOutcome)]

  var absent: [String] { films.filter { $0.outcome == .absent }.map(\.id) }

  /// Films that are left for the next hop.
  var postponed: Int { films.count { $0.outcome == .postponed } }

  var failed: [ShardReport.FailedFilm] {
    films.compactMap { film in
      guard case .failed(let reason) = film.outcome else { return nil }
      return ShardReport.FailedFilm(id: film.id, reason: reason)
    }
  }
}
