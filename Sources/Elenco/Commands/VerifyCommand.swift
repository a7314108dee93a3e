import Shared

/// `elenco verify`: checks a run's files against its manifest, byte by byte, and its films against its plans.
enum VerifyCommand {
  static let usage = """
    usage: elenco verify RUN [--bucket B] [--prefix P] [--lease-seconds N] [--json]

    \(RunOptions.help)
      --json               print what was found as JSON

    Ends with 0 when every file is what the manifest says and holds the films that it should, each once.
    """

  /// What was found.
  struct Findings: Encodable, Equatable {
    var files = 0
    var films = 0
    var bytes = 0
    /// Files that are not there, or whose bytes are not those of the manifest.
    var wrongFiles: [String] = []
    /// Films of the plans that are in no file and not known to be absent or failed.
    var missing: [String] = []
    var doubled: [String] = []
    /// Films in files that no plan has.
    var unexpected: [String] = []
    var absent = 0
    var failed = 0

    var isSound: Bool { wrongFiles.isEmpty && missing.isEmpty && doubled.isEmpty && unexpected.isEmpty }
  }

  /// Files that are read at once.
  private static let readsMax = 4

  static func main(_ words: [String]) throws -> Bool {
    let arguments = try Arguments(
      words.dropFirst(), options: RunOptions.options, flags: ["--json"], usage: usage)
    let options = try RunOptions(run: words.first, arguments, usage: usage)
    let findings = try EventLoop.run { loop in
      let s3 = try CommandLineServices.services(loop: loop).s3
      let reader = options.reader(s3)
      let status = try await reader.status(terms: options.terms)
      guard let manifest = try await reader.manifest(status) else { throw NoManifest(run: options.run) }
      let plans = try await reader.plans(status)
      let checked = try await BoundedFanOut.map(manifest.files, limit: readsMax) { file in
        try await check(file, in: options.destination.bucket, s3)
      }
      return compare(manifest, planned: plans.flatMap(\.films), checked: checked)
    }
    if arguments.has("--json") {
      try Terminal.result(String(decoding: JSONText.encode(findings), as: UTF8.self))
    } else {
      try Terminal.result(text(findings, options.run))
    }
    return findings.isSound
  }

  /// A file's films; nil when it is not what the manifest says.
  private static func check(_ file: Manifest.File, in bucket: String, _ s3: S3Client) async throws
    -> [String]?
  {
    guard let bytes = try await s3.get(ObjectAddress(bucket: bucket, key: file.key)),
      bytes.count == file.bytes, SHA256.hex(of: bytes) == file.sha256
    else { return nil }
    return try? bytes.withUnsafeBytes { try DataFileIndex.filmIDs(in: $0) }
  }

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
      findings.bytes += file.bytes
      for film in films where !seen.insert(film).inserted { findings.doubled.append(film) }
    }
    let expected = Set(planned)
    let accounted = seen.union(manifest.absent).union(manifest.failed.map(\.id))
    findings.missing = planned.filter { !accounted.contains($0) }
    findings.unexpected = seen.subtracting(expected).sorted()
    (findings.absent, findings.failed) = (manifest.absent.count, manifest.failed.count)
    return findings
  }

  private static func text(_ findings: Findings, _ run: RunName) -> String {
    var lines = [
      "run \(run): \(findings.isSound ? "sound" : "NOT sound"). \(findings.files.grouped) files of "
        + "\(findings.bytes.grouped) bytes are what the manifest says; \(findings.films.grouped) films in them, "
        + "\(findings.absent.grouped) absent from TMDB, \(findings.failed.grouped) failed."
    ]
    let lists = [
      ("files that are gone or changed", findings.wrongFiles), ("films that are missing", findings.missing),
      ("films that are there twice", findings.doubled), ("films that nobody asked for", findings.unexpected),
    ]
    for (name, list) in lists where !list.isEmpty {
      let more = list.count > 10 ? " and \((list.count - 10).grouped) more" : ""
      lines.append("\(list.count.grouped) \(name): \(list.prefix(10).joined(separator: ", "))\(more)")
    }
    return lines.joined(separator: "\n")
  }
}

/// The run has not ended yet.
struct NoManifest: Error, CustomStringConvertible {
  let run: RunName

  var description: String { "run \(run) has no manifest yet: elenco status \(run) shows how far it is." }
}
