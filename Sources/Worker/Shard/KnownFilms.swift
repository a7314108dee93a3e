import Shared

/// The films of a data file that need not be fetched.
struct KnownFilms: Sendable {
  /// TMDB's responses by IMDb id.
  var responses: [String: [UInt8]] = [:]
  /// The films among them that were kept from the run's base.
  var kept: Set<String> = []
  /// A compressed file of the base that contains the kept films, in the same order, and no others.
  var baseFile: DataFile?
}

/// Loads what need not be fetched of a data file: the films of a partial file that an earlier hop wrote, and those that
/// are kept from the run's base.
struct KnownFilmsLoader: Sendable {
  let plan: ShardPlan
  let objects: any ObjectStore
  /// Nil for a run without a base, and for a replay that fetches everything again.
  let base: BaseFiles?

  func load(_ file: Checkpoint.Missing) async throws -> KnownFilms {
    var known = KnownFilms()
    if file.isPartial {
      known.responses = try await Checkpoint.responses(inFile: file.number, of: plan, objects: objects)
    }
    guard file.hasFilmsToKeep, let base else { return known }
    let toKeep = filmsToKeep(of: file, base.base)
    // The partial file does not say which of its films were fetched because they could not be kept.
    if file.keptInPartial > 0 { known.kept = Set(toKeep.map(\.id).filter { known.responses[$0] != nil }) }
    let missing = toKeep.filter { known.responses[$0.id] == nil }
    var sources: [Int] = []
    for film in missing where !sources.contains(film.source) { sources.append(film.source) }
    for source in sources {
      guard let baseFile = try await base.file(source) else { continue }
      for film in missing where film.source == source {
        guard let response = baseFile.response(of: film.id) else { continue }
        known.responses[film.id] = response
        known.kept.insert(film.id)
      }
      if !file.isPartial, sources.count == 1 { known.baseFile = reusable(baseFile, for: toKeep, base.base) }
    }
    return known
  }

  private func filmsToKeep(of file: Checkpoint.Missing, _ base: ShardBase) -> [(id: String, source: Int)] {
    file.films.indices.compactMap { index in
      base.film(at: index).kept.map { (file.films[index], $0.file) }
    }
  }

  /// The base's file itself, if it is compressed as the new one is to be and has exactly these films. Compressing them
  /// again would take time, and give other bytes with another version of zlib.
  private func reusable(
    _ file: BaseFiles.File, for films: [(id: String, source: Int)], _ base: ShardBase
  ) -> DataFile? {
    guard plan.encoding == base.encoding, plan.encoding.compression == .gzip,
      file.content.films.map(\.id) == films.map(\.id)
    else { return nil }
    return DataFile(
      body: HTTPBody(file.stored), sha256: base.files[file.index].sha256, films: films.count)
  }
}
