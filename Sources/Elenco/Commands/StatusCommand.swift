import Glibc
import Shared

/// `elenco status`: a table of a run's shards, with the command that fixes each one that needs a replay.
enum StatusCommand: Command {
  static let spec = CommandSpec(
    name: "status", summary: "show the state of a run's shards, and a command to fix each failed one",
    operand: RunOptions.optionalOperand,
    description: """
      Show the state of a run, by default the one that was planned last, and of its shards. On a terminal,
      a strip shows all shards with one sign each, or several shards with one sign. A shard that needs a
      replay is shown with the command for it.

      Shard states: complete, failed (some films failed), running, waiting (not started), dead (its worker
      died), stopped (its worker could not continue).
      """,
    options: RunLocation.options + [
      .flag("--all", "list complete shards too"), .flag("--json", "print the state of all shards as JSON"),
    ],
    exitStatus:
      "0 if the run is complete or in progress, 1 if a shard needs a replay, if the manifest or _SUCCESS is "
      + "missing, or if the run was cancelled or replaced; 2 for an invalid command line.",
    example: "elenco status 20261124T030000Z-53dc4d37 --bucket my-lake")

  /// One shard in the table.
  struct Row: Encodable, Equatable {
    let shard: Int
    let state: RunStatus.State
    let films: Int?
    let absent: Int?
    let failed: Int?
    let hop: Int?
    let reason: String?
    /// The command that fixes the shard; nil if it needs no replay.
    let fix: String?
  }

  /// The JSON output.
  struct Output: Encodable {
    let run: RunName
    let date: String
    let hasManifest: Bool
    /// The run that has taken the folder since; nil if it still belongs to this run.
    let replacedBy: RunName?
    /// When the run was cancelled; nil if it was not, or was resumed.
    let cancelledAt: String?
    /// Number of shards in each state.
    let counts: [String: Int]
    let shards: [Row]
  }

  static func main(_ arguments: Arguments) throws -> Bool {
    let (name, location) = (try RunOptions.name(arguments), try RunLocation(arguments))
    let (options, status) = try EventLoop.run { loop in
      let s3 = try CommandLineServices.services(loop: loop).s3
      let options = try await RunOptions(name, location, s3)
      return (options, try await options.reader(s3).status(terms: options.terms))
    }
    let rows = rows(status, options)
    if arguments.has("--json") {
      let output = Output(
        run: options.run, date: status.plan.date, hasManifest: status.listing.hasManifest,
        replacedBy: status.replacedBy, cancelledAt: status.cancelledAt, counts: counts(rows), shards: rows)
      try Terminal.result(String(decoding: JSONText.encode(output), as: UTF8.self))
    } else {
      let strip =
        Terminal.showsResults
        ? strip(rows).lines(columns: Terminal.size(of: STDOUT_FILENO).columns).map(\.text) : []
      try Terminal.result(
        text(rows, status, options, includesComplete: arguments.has("--all"), strip: strip))
    }
    return status.replacedBy == nil && status.cancelledAt == nil && !status.isUnfinished
      && !rows.contains { $0.fix != nil }
  }

  static func rows(_ status: RunStatus, _ options: RunOptions) -> [Row] {
    let reports = Dictionary(status.reports.map { ($0.shard, $0) }) { first, _ in first }
    return (0..<status.plan.shards).map { shard in
      let (report, state) = (reports[shard], status.state(of: shard))
      let firstFailure = report?.failed.first.map { "\($0.id): \($0.reason)" }
      return Row(
        shard: shard, state: state, films: report?.files.total(\.films),
        absent: report?.absent.count,
        failed: report?.failed.count, hop: report?.hop, reason: report?.stopped ?? firstFailure,
        // A replay of a replaced run would do nothing, and one command resumes a cancelled run.
        fix: status.replacedBy == nil && status.cancelledAt == nil && status.needsReplay(shard)
          ? options.replayCommand(shard: shard) : nil)
    }
  }

  private static func counts(_ rows: [Row]) -> [String: Int] {
    Dictionary(rows.map { ($0.state.rawValue, 1) }) { $0 + $1 }
  }

  private static func strip(_ rows: [Row]) -> ShardStrip {
    ShardStrip(states: rows.map { ShardStrip.State($0.state) }, style: Terminal.style)
  }

  private static func text(
    _ rows: [Row], _ status: RunStatus, _ options: RunOptions, includesComplete: Bool, strip: [String]
  ) -> String {
    let counts = counts(rows).sorted { $0.key < $1.key }.map { "\($0.value.grouped) \($0.key)" }
    var lines = [
      "run \(status.plan.run) of \(status.plan.date): \(counts.joined(separator: ", "))"
        + (status.listing.hasManifest ? "; manifest written" : "")
    ]
    lines += strip
    if let other = status.replacedBy {
      lines.append("replaced by run \(other), which has the folder now: elenco status \(other)")
    } else if let time = status.cancelledAt {
      lines.append("cancelled at \(time); to continue: \(options.replayIncompleteCommand)")
    } else if status.isUnfinished {
      lines.append(
        "\(status.lacksSuccess ? "_SUCCESS" : "manifest") missing; fix: \(options.replayCommand(shard: 0))")
    }
    let shown = rows.filter { includesComplete || $0.state != .complete }
    if !shown.isEmpty { lines.append("shard  state     films  absent  failed  hop") }
    for row in shown {
      let numbers = [(row.films, 5), (row.absent, 6), (row.failed, 6), (row.hop, 3)].map { number, width in
        (number.map(\.grouped) ?? "-").padded(left: width)
      }
      lines.append(
        "\("\(row.shard)".padded(left: 5))  \(row.state.rawValue.padded(right: 8))  "
          + numbers.joined(separator: "  "))
      if let reason = row.reason { lines.append("       \(reason)") }
      if let fix = row.fix { lines.append("       fix: \(fix)") }
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// The string with spaces added on the left, up to a width.
  func padded(left width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
  /// The string with spaces added on the right, up to a width.
  func padded(right width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
