import Shared

/// A data file's object metadata, which makes the file its own checkpoint.
struct DataFileMetadata: Equatable {
  let run: RunName
  let shard: Int
  let films: Int
  let absent: Int
  let failed: Int
  /// Number of films that had not been fetched yet when the file was written.
  let postponed: Int
  let sha256: String
  /// The `"replay": "all"` that wrote the file; nil if an ordinary run did.
  var generation: String?
  /// Number of films kept from the run's base; nil for a run without a base.
  var kept: Int?

  /// Whether no film is left to fetch.
  var isComplete: Bool { failed == 0 && postponed == 0 }

  /// Names, without `x-amz-meta-`, and values.
  var fields: [(name: String, value: String)] {
    let fields = [
      ("elenco-run", run.description), ("elenco-shard", String(shard)), ("elenco-films", String(films)),
      ("elenco-absent", String(absent)), ("elenco-failed", String(failed)),
      ("elenco-postponed", String(postponed)),
      ("elenco-complete", String(isComplete)), ("elenco-sha256", sha256),
    ]
    return fields + (generation.map { [("elenco-generation", $0)] } ?? [])
      + (kept.map { [("elenco-kept", String($0))] } ?? [])
  }
}

extension DataFileMetadata {
  /// Reads what `fields` wrote; nil if the object is not a data file of Elenco.
  init?(_ value: (String) -> String?) {
    func number(_ name: String, max: Int = RunLimits.filmsPerFile.upperBound) -> Int? {
      value(name).flatMap { Int($0) }.flatMap { (0...max).contains($0) ? $0 : nil }
    }
    guard let run = value("elenco-run").flatMap(RunName.init),
      let shard = number("elenco-shard", max: RunLimits.shards.upperBound - 1),
      let films = number("elenco-films"), let absent = number("elenco-absent"),
      let failed = number("elenco-failed"), let postponed = number("elenco-postponed"),
      let sha256 = value("elenco-sha256")
    else { return nil }
    self.init(
      run: run, shard: shard, films: films, absent: absent, failed: failed, postponed: postponed,
      sha256: sha256, generation: value("elenco-generation"), kept: number("elenco-kept"))
  }
}
