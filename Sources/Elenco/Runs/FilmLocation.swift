import Shared

/// Finds a film in a run: films.csv gives its shard and file, the shard's report the file's state.
struct FilmLocation: Sendable {
  enum State: String, Encodable, Sendable {
    /// Its credits are in `file`.
    case written
    /// TMDB does not have it.
    case absent
    case failed
    /// Its file is not written yet.
    case pending
  }

  let shard: Int
  /// The key of its data file, which need not exist yet.
  let file: String
  /// The line of the data file, from 1; nil if the film is not in it. A file's content has one film per line in either
  /// format.
  let line: Int?
  /// Why the film failed; nil if it did not.
  let reason: String?
  let state: State
  /// TMDB's response, byte for byte; nil if there is none.
  let response: [UInt8]?

  /// Reads the plan of shard 0, films.csv, the folder's owner and the data file; and the shard's report if the film is
  /// not in the file.
  /// - Throws: `NoSuchRun`, `NoFilmList`, `FilmNotSelected`, `UnreadableFile`; `RunReplaced`, because the folder's files
  ///   are then those of another run.
  static func find(_ film: String, in reader: RunReader) async throws -> FilmLocation {
    let plan = try await reader.firstPlan()
    guard let table = try await reader.object(plan.layout.selectedFilms) else {
      throw NoFilmList(object: reader.address(plan.layout.selectedFilms))
    }
    let (position, count) = SelectedFilms.position(of: film, in: table)
    let ranges = Partition.ranges(of: count, shards: plan.shards)
    guard let position, let shard = ranges.firstIndex(where: { $0.contains(position) }) else {
      throw FilmNotSelected(film: film, run: reader.run)
    }
    if let interruption = try await reader.interruption(plan.layout), case .replaced = interruption {
      throw interruption.error(run: reader.run, folder: reader.address(plan.layout.dataFolder))
    }
    let number = (position - ranges[shard].lowerBound) / plan.filmsPerFile + 1
    let key = plan.layout.dataFile(shard: shard, file: number, plan.encoding)
    if let data = try await reader.object(key), let found = try response(film, in: data, plan.encoding, key) {
      return FilmLocation(
        shard: shard, file: key, line: found.line, reason: nil, state: .written, response: found.response)
    }
    let report = try await reader.object(plan.layout.report(shard: shard)).map {
      try JSONText.decode(ShardReport.self, from: $0)
    }
    let failure = report?.failed.first { $0.id == film }
    let isAbsent = report?.absent.contains(film) == true
    return FilmLocation(
      shard: shard, file: key, line: nil, reason: failure?.reason,
      state: failure != nil ? .failed : isAbsent ? .absent : .pending, response: nil)
  }

  private static func response(
    _ film: String, in data: [UInt8], _ encoding: DataFileEncoding, _ key: String
  ) throws -> (line: Int, response: [UInt8])? {
    do {
      let content = try DataFileContent(data, encoding)
      return content.films.firstIndex { $0.id == film }.map {
        ($0 + 1, content.response(of: content.films[$0]))
      }
    } catch {
      throw UnreadableFile(key: key, reason: error.reason)
    }
  }
}

/// The run has no films.csv.
struct NoFilmList: Error, CustomStringConvertible {
  let object: ObjectAddress

  var description: String {
    "\(object) does not exist, so the run's films are unknown. Its dispatcher may not have finished; send its event "
      + "again."
  }
}

struct FilmNotSelected: Error, CustomStringConvertible {
  let film: String
  let run: RunName

  var description: String { "run \(run) did not select \(film). To see other runs: elenco runs" }
}

struct UnreadableFile: Error, CustomStringConvertible {
  let key: String
  let reason: String

  var description: String { "\(key) is not a data file as Elenco writes it: \(reason)" }
}
