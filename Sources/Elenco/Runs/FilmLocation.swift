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

  /// - Throws: `FilmNotSelected`; `NoSuchRun`.
  static func find(_ film: String, in reader: RunReader, terms: LeaseTerms) async throws -> FilmLocation {
    let status = try await reader.status(terms: terms)
    let (plan, bucket) = (status.plan, reader.destination.bucket)
    let table = ObjectAddress(bucket: bucket, key: plan.layout.selectedFilms)
    guard let bytes = try await reader.s3.get(table) else { throw NoFilmList(object: table) }
    let (position, count) = SelectedFilms.position(of: film, in: bytes)
    let ranges = Partition.ranges(of: count, shards: plan.shards)
    guard let position, let shard = ranges.firstIndex(where: { $0.contains(position) }) else {
      throw FilmNotSelected(film: film, run: reader.run)
    }
    let number = (position - ranges[shard].lowerBound) / plan.filmsPerFile + 1
    let key = plan.layout.dataFile(shard: shard, file: number, plan.encoding)
    let report = status.reports.first { $0.shard == shard }
    let failure = report?.failed.first { $0.id == film }
    let isAbsent = report?.absent.contains(film) == true
    var found: (line: Int, response: [UInt8])?
    if let data = try await reader.s3.get(ObjectAddress(bucket: bucket, key: key)) {
      found = try Self.response(film, in: data, plan.encoding, key)
    }
    return FilmLocation(
      shard: shard, file: key, line: found?.line, reason: failure?.reason,
      state: found != nil ? .written : failure != nil ? .failed : isAbsent ? .absent : .pending,
      response: found?.response)
  }

  private static func response(
    _ film: String, in data: [UInt8], _ encoding: DataFileEncoding, _ key: String
  ) throws -> (line: Int, response: [UInt8])? {
    do {
      guard let index = try DataFileIndex.filmIDs(in: data, encoding).firstIndex(of: film),
        let response = try DataFileIndex.responses(in: data, encoding)[film]
      else { return nil }
      return (index + 1, response)
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
