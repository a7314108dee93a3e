import Shared

/// A data file's bytes: one JSON object, IMDb id to TMDB's answer, a line each, the answers' bytes untouched.
///
/// The answers are spliced as pieces and never joined, so a file costs no second copy of its content.
struct DataFile {
  let body: HTTPBody
  /// Of the bytes, lowercase hexadecimal.
  let sha256: String
  /// Films in the file.
  let films: Int

  /// - Parameter films: in the order of the input; those without credits are left out.
  init(films: [(id: String, outcome: FilmOutcome)]) {
    var pieces: [[UInt8]] = []
    pieces.reserveCapacity(2 * films.count + 1)
    for (id, outcome) in films {
      guard case .credits(let answer) = outcome else { continue }
      pieces.append(Array("\(pieces.isEmpty ? "{" : ",\n")\"\(id)\":".utf8))
      pieces.append(answer)
    }
    self.films = pieces.count / 2
    pieces.append(Array(pieces.isEmpty ? "{}\n".utf8 : "}\n".utf8))
    let hash = SHA256()
    for piece in pieces { hash.update(piece) }
    sha256 = hash.hex()
    body = HTTPBody(pieces: pieces)
  }
}

/// What a data file's object metadata says, so that the file is its own checkpoint.
struct DataFileMetadata: Equatable {
  let run: RunName
  let shard: Int
  let films: Int
  let absent: Int
  let failed: Int
  /// Films that were not asked for yet when the file was written.
  let postponed: Int
  let sha256: String
  /// Which replay of everything wrote it; nil for a run's own files.
  var generation: String?

  /// Whether nothing is left to fetch.
  var isComplete: Bool { failed == 0 && postponed == 0 }

  /// As `x-amz-meta-*` headers' names and values.
  var fields: [(name: String, value: String)] {
    let own = [
      ("elenco-run", run.description), ("elenco-shard", String(shard)), ("elenco-films", String(films)),
      ("elenco-absent", String(absent)), ("elenco-failed", String(failed)),
      ("elenco-postponed", String(postponed)),
      ("elenco-complete", String(isComplete)), ("elenco-sha256", sha256),
    ]
    return own + (generation.map { [("elenco-generation", $0)] } ?? [])
  }
}

extension DataFileMetadata {
  /// Reads what `fields` wrote; nil when it is somebody else's object.
  init?(_ value: (String) -> String?) {
    func number(_ name: String) -> Int? { value(name).flatMap { Int($0) } }
    guard let run = value("elenco-run").flatMap(RunName.init), let shard = number("elenco-shard"),
      let films = number("elenco-films"), let absent = number("elenco-absent"),
      let failed = number("elenco-failed"), let postponed = number("elenco-postponed"),
      let sha256 = value("elenco-sha256")
    else { return nil }
    self.init(
      run: run, shard: shard, films: films, absent: absent, failed: failed, postponed: postponed,
      sha256: sha256,
      generation: value("elenco-generation"))
  }
}
