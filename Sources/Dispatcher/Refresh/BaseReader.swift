import Shared

/// Reads what a base knows about its films: from the run's index, and where that is missing or damaged from the data
/// files themselves.
struct BaseReader: Sendable {
  let objects: any ObjectStore
  let bucket: String
  let base: BaseRun

  /// Shards that are read concurrently. The index of the largest possible shard has about 2 MB.
  private static let shardsMax = 8

  /// - Returns: the films, and the number of shards that had no usable index.
  /// - Throws: `AWSServiceError`, `HTTPError`.
  func films() async throws -> (films: BaseFilms, shardsWithoutIndex: Int) {
    var films = BaseFilms(capacity: base.manifest.films)
    var shardsWithoutIndex = 0
    for start in stride(from: 0, to: base.manifest.shards, by: Self.shardsMax) {
      let shards = Array(start..<min(start + Self.shardsMax, base.manifest.shards))
      for (shard, rows) in zip(shards, try await BoundedFanOut.map(shards, limit: shards.count, indexRows)) {
        if let rows {
          films.add(rows)
        } else {
          shardsWithoutIndex += 1
          films.add(try await dataFileRows(shard))
        }
      }
    }
    // No data file has them, so without an index only the manifest does.
    if shardsWithoutIndex > 0 { films.add(base.manifest.absent.lazy.compactMap { BaseFilms.Row($0, nil) }) }
    films.sort()
    return (films, shardsWithoutIndex)
  }

  /// - Returns: nil if the shard has no index, or one that cannot be read.
  private func indexRows(_ shard: Int) async throws -> [BaseFilms.Row]? {
    let object = ObjectAddress(bucket: bucket, key: base.layout.index(shard: shard))
    guard let text = try await objects.get(object) else { return nil }
    var rows: [BaseFilms.Row] = []
    do {
      try RunIndex.parse(text) { film in
        let row: BaseFilms.Row? =
          if let credits = film.credits {
            // A film of a file that the manifest does not have counts as one that the base does not have.
            base.file(shard: shard, number: credits.file).flatMap {
              BaseFilms.Row(
                film.id, .init(tmdbID: credits.tmdbID, file: $0, fetchedOn: credits.fetchedOn))
            }
          } else {
            BaseFilms.Row(film.id, nil)
          }
        if let row { rows.append(row) }
      }
    } catch { return nil }
    return rows
  }

  /// Reads a shard's data files, one at a time. A file that is gone or has changed has no films.
  private func dataFileRows(_ shard: Int) async throws -> [BaseFilms.Row] {
    let start = base.layout.dataFiles(ofShard: shard)
    let ages = try await plannedAges(shard)
    var rows: [BaseFilms.Row] = []
    for (index, file) in base.manifest.files.enumerated() where file.key.hasPrefix(start) {
      guard let bytes = try await objects.get(ObjectAddress(bucket: bucket, key: file.key)),
        SHA256.hex(of: bytes) == file.sha256,
        let responses = try? DataFileIndex.responses(in: bytes, base.encoding)
      else { continue }
      for (id, response) in responses {
        guard let tmdbID = CreditsID.read(response),
          let row = BaseFilms.Row(id, .init(tmdbID: tmdbID, file: index, fetchedOn: ages[id] ?? base.date))
        else { continue }
        rows.append(row)
      }
    }
    return rows
  }

  /// The age of the films that the base has kept from its own base, from the shard's plan: their responses are older than
  /// the base.
  private func plannedAges(_ shard: Int) async throws -> [String: UnixDay] {
    let object = ObjectAddress(bucket: bucket, key: base.layout.plan(shard: shard))
    guard let bytes = try await objects.get(object),
      let plan = try? ShardPlan(stored: bytes, destination: base.manifest.destination),
      let kept = plan.base
    else { return [:] }
    var ages: [String: UnixDay] = [:]
    for (index, id) in plan.films.enumerated() { ages[id] = kept.film(at: index).kept?.fetchedOn }
    return ages
  }
}
