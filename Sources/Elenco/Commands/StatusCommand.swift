import Shared

/// `elenco status`: a table of a run's shards, with what mends each.
enum StatusCommand {
  static let usage = """
    usage: elenco status RUN [--bucket B] [--prefix P] [--function NAME] [--lease-seconds N] [--all] [--json]

    \(RunOptions.help)
      --all                list the complete shards too
      --json               print everything as JSON

    Ends with 0 when the run is complete or under way, and with 1 when a shard needs a replay.
    """

  /// One line of the table.
  struct Row: Encodable, Equatable {
    let shard: Int
    let state: RunStatus.State
    let films: Int?
    let absent: Int?
    let failed: Int?
    let hop: Int?
    let reason: String?
    let mend: String?
  }

  /// All of it, for other programs.
  struct Output: Encodable {
    let run: RunName
    let date: String
    let hasManifest: Bool
    let counts: [String: Int]
    let shards: [Row]
  }

  static func main(_ words: [String]) throws -> Bool {
    let arguments = try Arguments(
      words.dropFirst(), options: RunOptions.options, flags: ["--all", "--json"], usage: usage)
    let options = try RunOptions(run: words.first, arguments, usage: usage)
    let status = try EventLoop.run { loop in
      try await options.reader(CommandLineServices.services(loop: loop).s3).status(terms: options.terms)
    }
    let rows = rows(status, options)
    if arguments.has("--json") {
      let output = Output(
        run: options.run, date: status.plan.date, hasManifest: status.listing.hasManifest,
        counts: counts(rows),
        shards: rows)
      try Terminal.result(String(decoding: JSONText.encode(output), as: UTF8.self))
    } else {
      try Terminal.result(text(rows, status, options, isWhole: arguments.has("--all")))
    }
    return !status.lacksManifest && !rows.contains { $0.mend != nil }
  }

  static func rows(_ status: RunStatus, _ options: RunOptions) -> [Row] {
    let reports = Dictionary(status.reports.map { ($0.shard, $0) }) { first, _ in first }
    return (0..<status.plan.shards).map { shard in
      let (report, state) = (reports[shard], status.state(of: shard))
      let first = report?.failed.first.map { "\($0.id): \($0.reason)" }
      return Row(
        shard: shard, state: state, films: report?.files.reduce(0) { $0 + $1.films },
        absent: report?.absent.count,
        failed: report?.failed.count, hop: report?.hop, reason: report?.stopped ?? first,
        mend: status.needsReplay(shard) ? options.replayCommand(shard: shard) : nil)
    }
  }

  private static func counts(_ rows: [Row]) -> [String: Int] {
    Dictionary(rows.map { ($0.state.rawValue, 1) }) { $0 + $1 }
  }

  private static func text(
    _ rows: [Row], _ status: RunStatus, _ options: RunOptions, isWhole: Bool
  ) -> String {
    let counts = counts(rows).sorted { $0.key < $1.key }.map { "\($0.value.grouped) \($0.key)" }
    var lines = [
      "run \(status.plan.run) of \(status.plan.date): \(counts.joined(separator: ", "))"
        + (status.listing.hasManifest ? "; its manifest is written" : "")
    ]
    if status.lacksManifest {
      lines.append("its manifest is missing; mend: \(options.replayCommand(shard: 0))")
    }
    let shown = rows.filter { isWhole || $0.state != .complete }
    if !shown.isEmpty { lines.append("shard  state     films  absent  failed  hop") }
    for row in shown {
      let numbers = [(row.films, 5), (row.absent, 6), (row.failed, 6), (row.hop, 3)].map { number, width in
        (number.map(\.grouped) ?? "-").padded(left: width)
      }
      lines.append(
        "\("\(row.shard)".padded(left: 5))  \(row.state.rawValue.padded(right: 8))  \(numbers.joined(separator: "  "))"
      )
      if let reason = row.reason { lines.append("       \(reason)") }
      if let mend = row.mend { lines.append("       mend: \(mend)") }
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  func padded(left width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
  func padded(right width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
