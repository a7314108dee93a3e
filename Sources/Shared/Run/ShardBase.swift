/// The part of a shard's plan that says what the run's base knows about the shard's films: their TMDB ids, and which of
/// them are copied from which of the base's data files. Only runs with `"refresh": "changed"` have it.
///
/// Every film that cannot be copied is fetched, so a base that has changed since costs requests and no films.
package struct ShardBase: Encodable, Equatable, Sendable {
  /// A data file of the base with films to copy.
  package struct File: Encodable, Equatable, Sendable {
    /// Of the base's own object, or of the copy that the dispatcher made because this run overwrites the original.
    package let key: String
    /// SHA-256 of the object, in lowercase hexadecimal. An object with another hash is not used.
    package let sha256: String

    package init(key: String, sha256: String) {
      self.key = key
      self.sha256 = sha256
    }
  }

  /// What the base knows about one film.
  package struct Film: Equatable, Sendable {
    /// Nil if the base does not know it.
    package let tmdbID: Int?
    /// The film's credits to copy; nil if they are to be fetched.
    package let kept: Kept?

    package init(tmdbID: Int?, kept: Kept?) {
      self.tmdbID = tmdbID
      self.kept = kept
    }
  }

  package struct Kept: Equatable, Sendable {
    /// Index in `files`.
    package let file: Int
    package let fetchedOn: UnixDay

    package init(file: Int, fetchedOn: UnixDay) {
      self.file = file
      self.fetchedOn = fetchedOn
    }
  }

  package let run: RunName
  private let format: FileFormat?
  private let compression: FileCompression?
  package let files: [File]
  /// The counts of this shard as planned.
  package let counts: RefreshCounts
  /// In the order of the plan's films, as are the next two. 0 if unknown.
  package let tmdbIDs: [Int]
  /// Index in `files`; -1 for a film to fetch.
  package let keptIn: [Int]
  /// Days since 1970-01-01; 0 for a film to fetch.
  package let fetchedOn: [Int]

  package init(run: RunName, encoding: DataFileEncoding, files: [File], counts: RefreshCounts, films: [Film])
  {
    self.init(
      run: run, encoding: encoding, files: files, counts: counts, tmdbIDs: films.map { $0.tmdbID ?? 0 },
      keptIn: films.map { $0.kept?.file ?? -1 }, fetchedOn: films.map { $0.kept?.fetchedOn.number ?? 0 })
  }

  private init(
    run: RunName, encoding: DataFileEncoding, files: [File], counts: RefreshCounts, tmdbIDs: [Int],
    keptIn: [Int],
    fetchedOn: [Int]
  ) {
    self.run = run
    format = encoding.format == .object ? nil : encoding.format
    compression = encoding.compression == .uncompressed ? nil : encoding.compression
    self.files = files
    self.counts = counts
    self.tmdbIDs = tmdbIDs
    self.keptIn = keptIn
    self.fetchedOn = fetchedOn
  }

  /// The format and compression of the base's data files.
  package var encoding: DataFileEncoding { DataFileEncoding(format ?? .object, compression ?? .uncompressed) }

  /// - Parameter index: of the film in the plan.
  package func film(at index: Int) -> Film {
    Film(
      tmdbID: tmdbIDs[index] > 0 ? tmdbIDs[index] : nil,
      kept: keptIn[index] < 0 ? nil : Kept(file: keptIn[index], fetchedOn: UnixDay(number: fetchedOn[index])))
  }

  /// The number of films to copy.
  /// - Parameter films: indexes in the plan.
  package func keptCount(of films: Range<Int>) -> Int { keptIn[films].count { $0 >= 0 } }
}

extension ShardBase {
  /// Parses what was encoded.
  /// - Parameter films: the number of films in the plan.
  /// - Throws: `EventError`, which names the field and its allowed values.
  init(_ fields: inout EventFields, films: Int) throws(EventError) {
    let run = try fields.requiredRun()
    let encoding = try fields.encoding()
    let files = try fields.objects("files", count: 0...RunLimits.baseFiles) {
      (fields: inout EventFields) throws(EventError) in
      File(key: try fields.requiredString("key"), sha256: try fields.requiredString("sha256"))
    }
    var counts = RefreshCounts()
    if var given = try fields.object("counts") {
      let range = 0...Int(Int32.max)
      counts.kept = try given.integer("kept", in: range) ?? 0
      counts.changed = try given.integer("changed", in: range) ?? 0
      counts.new = try given.integer("new", in: range) ?? 0
      counts.due = try given.integer("due", in: range) ?? 0
      counts.absent = try given.integer("absent", in: range) ?? 0
      counts.lost = try given.integer("lost", in: range) ?? 0
      try given.finish()
    }
    let tmdbIDs = try fields.integers("tmdbIDs", count: films, in: 0...CreditsID.largest)
    let keptIn = try fields.integers("keptIn", count: films, in: -1...files.count - 1)
    let fetchedOn = try fields.integers("fetchedOn", count: films, in: 0...10_000_000)
    try fields.finish()
    self.init(
      run: run, encoding: encoding, files: files, counts: counts, tmdbIDs: tmdbIDs, keptIn: keptIn,
      fetchedOn: fetchedOn)
  }
}
