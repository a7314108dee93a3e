import Shared

/// Composes and writes a shard's part of the run's index.
struct ShardIndex: Sendable {
  let plan: ShardPlan
  let objects: any ObjectStore

  /// Attempts to write the index while a worker that had the shard before writes it at the same time.
  private static let attemptsMax = 8

  /// The films of a data file.
  /// - Parameters:
  ///   - number: of the file, from 1.
  ///   - contents: the films in the file with their TMDB ids, in the order of the plan.
  ///   - isKept: whether a film that was to be kept from the base was kept. If that is not known, it counts as kept: its
  ///     response then counts as older than it is, which costs the next run a request and never makes it keep an old one.
  func films(
    inFile number: Int, contents: [(id: String, tmdbID: Int?)], isKept: (String) -> Bool
  ) -> [RunIndex.Film] {
    var rest = contents[...]
    let films = plan.films(ofFile: number)
    // A date that cannot be read counts as old.
    let runDay = UnixDay(iso8601: plan.date) ?? UnixDay(number: 0)
    return films.indices.map { index in
      let id = films[index]
      guard rest.first?.id == id, let tmdbID = rest.removeFirst().tmdbID else {
        return RunIndex.Film(id: id, credits: nil)
      }
      let base = isKept(id) ? plan.base?.film(at: index).kept?.fetchedOn : nil
      return RunIndex.Film(
        id: id, credits: RunIndex.Credits(tmdbID: tmdbID, file: number, fetchedOn: base ?? runDay))
    }
  }

  /// Writes the index. Reads the data files that this invocation did not write, one at a time.
  /// - Parameters:
  ///   - known: the films of the files whose contents this invocation knows, by file number.
  ///   - earlier: the complete files of earlier invocations.
  /// - Throws: `LeaseLost` when another worker may have the shard; `AWSServiceError`, `HTTPError`.
  func write(
    known: [Int: [RunIndex.Film]], earlier: [Checkpoint.Kept], under lease: ShardLease
  ) async throws {
    var films: [RunIndex.Film] = []
    films.reserveCapacity(plan.films.count)
    let keptFilms = Dictionary(earlier.map { ($0.number, $0.keptFilms) }) { first, _ in first }
    for (index, planned) in plan.files.enumerated() {
      if let known = known[index + 1] {
        films += known
      } else if let kept = keptFilms[index + 1] {
        films += try await read(index + 1, hasKeptFilms: kept > 0)
      } else {
        films += planned.map { RunIndex.Film(id: $0, credits: nil) }
      }
    }
    try await put(RunIndex.encode(films), under: lease)
  }

  private func read(_ number: Int, hasKeptFilms: Bool) async throws -> [RunIndex.Film] {
    let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.key(ofFile: number))
    // The next run fetches the films of a file that is gone or cannot be read.
    let contents = try await objects.get(object).flatMap { try? DataFileIndex.tmdbIDs(in: $0, plan.encoding) }
    return films(inFile: number, contents: contents ?? []) { _ in hasKeptFilms }
  }

  private func put(_ bytes: [UInt8], under lease: ShardLease) async throws {
    let object = ObjectAddress(bucket: plan.destination.bucket, key: plan.layout.index(shard: plan.shard))
    var condition = S3Client.Condition.isNew
    for _ in 0..<Self.attemptsMax {
      try lease.requireHeld()
      let etag = try await objects.put(
        object, HTTPBody(bytes), sha256: SHA256.hex(of: bytes), contentType: "text/csv", condition: condition)
      guard etag == nil else { return }
      // An earlier invocation of the shard wrote it, or an earlier attempt of this PUT whose response was lost.
      let stored = try await objects.read(object)
      guard stored?.bytes != bytes else { return }
      try await lease.confirm()
      condition = stored.map { .isUnchanged(etag: $0.etag) } ?? .isNew
    }
    throw LeaseLost(object: object, holder: nil)
  }
}
