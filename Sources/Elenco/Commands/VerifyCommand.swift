import Shared

/// `elenco verify`: checks a run's data files against the hashes in its manifest, and its films against its plans.
enum VerifyCommand: Command {
  static let spec = CommandSpec(
    name: "verify", summary: "check a run's data files against its manifest and its shard plans",
    operand: RunOptions.operand,
    description: """
      Read and check all data files of a run. Each file must match its size and SHA-256 in the manifest, and
      each planned film must be in exactly one file, unless it is absent from TMDB or failed.
      """,
    options: RunLocation.options + [.flag("--json", "print the findings as JSON")],
    exitStatus: "0 if all checks pass, 1 if not, 2 for an invalid command line.",
    example: "elenco verify 20261124T030000Z-53dc4d37 --bucket my-lake")

  /// The result of the checks.
  struct Findings: Encodable, Equatable {
    /// Number of files that match the manifest; `films` and `bytes` are their totals.
    var files = 0
    var films = 0
    var bytes = 0
    /// Keys of files that are missing, or that do not match the manifest.
    var wrongFiles: [String] = []
    /// Planned films that are in no file, and neither absent nor failed according to the manifest.
    var missing: [String] = []
    /// Films that occur more than once.
    var doubled: [String] = []
    /// Films that are in a file but in no plan.
    var unexpected: [String] = []
    /// Keys in the day's folder that do not belong to the run, although a reader of the folder would take them for data.
    var foreignFiles: [String] = []
    /// The run that has taken the folder since.
    var replacedBy: RunName?
    var absent = 0
    var failed = 0

    /// Whether all checks passed.
    var isVerified: Bool {
      wrongFiles.isEmpty && missing.isEmpty && doubled.isEmpty && unexpected.isEmpty && foreignFiles.isEmpty
        && replacedBy == nil
    }
  }

  /// Maximum number of files that are read concurrently.
  private static let readsMax = 4

  static func main(_ arguments: Arguments) throws -> Bool {
    let options = try RunOptions(arguments)
    let findings = try EventLoop.run { loop in
      let s3 = try CommandLineServices.services(loop: loop).s3
      let reader = options.reader(s3)
      let status = try await reader.status(terms: options.terms)
      guard let manifest = try await reader.manifest() else { throw NoManifest(run: options.run) }
      if let time = manifest.cancelledAt, status.replacedBy == nil {
        throw RunCancelled(run: options.run, at: time)
      }
      let plans = try await reader.plans(status)
      let checked = try await BoundedFanOut.map(manifest.files, limit: readsMax) { file in
        try await check(file, in: options.destination.bucket, s3)
      }
      var findings = compare(manifest, planned: plans.flatMap(\.films), checked: checked)
      findings.foreignFiles = foreignFiles(try await reader.dataKeys(status), manifest)
      findings.replacedBy = status.replacedBy
      return findings
    }
    if arguments.has("--json") {
      try Terminal.result(String(decoding: JSONText.encode(findings), as: UTF8.self))
    } else {
      try Terminal.result(text(findings, options.run))
    }
    return findings.isVerified
  }

  /// Reads a file and returns its film ids; nil if it does not match the manifest.
  private static func check(_ file: Manifest.File, in bucket: String, _ s3: S3Client) async throws
    -> [String]?
  {
    guard let bytes = try await s3.get(ObjectAddress(bucket: bucket, key: file.key)),
      bytes.count == file.bytes, SHA256.hex(of: bytes) == file.sha256,
      let encoding = DataFileEncoding(key: file.key)
    else { return nil }
    return try? DataFileIndex.filmIDs(in: bytes, encoding)
  }

  /// - Parameter keys: of the day's folder.
  static func foreignFiles(_ keys: [String], _ manifest: Manifest) -> [String] {
    let own = Set(manifest.files.map(\.key))
    return keys.filter { !own.contains($0) }
  }

  /// Compares the files with the manifest and the plans.
  /// - Parameters:
  ///   - planned: the film ids of all plans.
  ///   - checked: the film ids of each file of the manifest, in its order; nil for a file that does not match.
  static func compare(_ manifest: Manifest, planned: [String], checked: [[String]?]) -> Findings {
    var findings = Findings()
    var seen: Set<String> = []
    for (file, films) in zip(manifest.files, checked) {
      guard let films else {
        findings.wrongFiles.append(file.key)
        continue
      }
      findings.files += 1
      findings.films += films.count
      findings.bytes = findings.bytes.saturatedSum(file.bytes)
      for film in films where !seen.insert(film).inserted { findings.doubled.append(film) }
    }
    let expected = Set(planned)
    let accountedFor = seen.union(manifest.absent).union(manifest.failed.map(\.id))
    findings.missing = planned.filter { !accountedFor.contains($0) }
    findings.unexpected = seen.subtracting(expected).sorted()
    (findings.absent, findings.failed) = (manifest.absent.count, manifest.failed.count)
    return findings
  }

  private static func text(_ findings: Findings, _ run: RunName) -> String {
    let (files, films) = (counted(findings.files, "file"), counted(findings.films, "film"))
    let matching = "\(files), \(counted(findings.bytes, "byte")), \(films)"
    var lines = [
      "run \(run): \(findings.isVerified ? "verified" : "NOT verified"). Matching the manifest: \(matching). "
        + "Absent from TMDB: \(findings.absent.grouped). Failed: \(findings.failed.grouped)."
    ]
    if let other = findings.replacedBy {
      lines.append("replaced by run \(other), which has the folder now: elenco verify \(other)")
    }
    let lists = [
      ("missing or changed files", findings.wrongFiles), ("missing films", findings.missing),
      ("duplicate films", findings.doubled), ("films that are not in the plans", findings.unexpected),
      ("files of the folder that are not the run's", findings.foreignFiles),
    ]
    for (name, list) in lists where !list.isEmpty {
      let more = list.count > 10 ? " and \((list.count - 10).grouped) more" : ""
      lines.append("\(name) (\(list.count.grouped)): \(list.prefix(10).joined(separator: ", "))\(more)")
    }
    return lines.joined(separator: "\n")
  }
}

/// The run has no manifest, because it has not ended yet.
struct NoManifest: Error, CustomStringConvertible {
  let run: RunName

  var description: String {
    "run \(run) has no manifest yet, because it has not ended. Run \"elenco status \(run)\" to see its "
      + "progress."
  }
}
