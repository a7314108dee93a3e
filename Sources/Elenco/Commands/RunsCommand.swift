import Shared

/// `elenco runs`: the runs under a prefix, the newest first.
enum RunsCommand: Command {
  private static let limitDefault = 20

  static let spec = CommandSpec(
    name: "runs", summary: "list the runs of a prefix, the newest first",
    description: """
      List the runs of a prefix with their state and size, the newest first.

      States: complete, incomplete (some shards need a replay), running, cancelled, replaced (another run has
      taken the day's folder since).
      """,
    options: RunLocation.options + [
      .text("--limit", "N", "the number of runs to show (default: \(limitDefault))"),
      .flag("--json", "print the runs as JSON"),
    ],
    exitStatus: "0 on success, also if there is no run, 1 for an error, 2 for an invalid command line.",
    example: "elenco runs --bucket my-lake --limit 5")

  /// The JSON output.
  struct Output: Encodable {
    let destination: Destination
    /// Number of all runs, of which `runs` has the newest.
    let count: Int
    let runs: [RunCatalog.Entry]
  }

  static func main(_ arguments: Arguments) throws -> Bool {
    let location = try RunLocation(arguments)
    guard let limit = Int(arguments["--limit"] ?? "\(limitDefault)"), limit > 0 else {
      throw arguments.refusal("option --limit must be a whole number, at least 1")
    }
    let output = try EventLoop.run { loop in
      let catalog = RunCatalog(s3: try CommandLineServices.services(loop: loop).s3, location: location)
      let found = try await catalog.runs()
      return Output(
        destination: location.destination, count: found.count,
        runs: try await catalog.entries(Array(found.prefix(limit))))
    }
    if arguments.has("--json") {
      try Terminal.result(String(decoding: JSONText.encode(output), as: UTF8.self))
    } else {
      try Terminal.result(text(output))
    }
    return true
  }

  static func text(_ output: Output) -> String {
    guard !output.runs.isEmpty else {
      return "no runs in s3://\(output.destination.bucket)/\(output.destination.prefix)"
    }
    let header = ["run", "date", "state", "shards", "films", "absent", "failed", "requests", "MB"]
    let rows = output.runs.map { run in
      [
        "\(run.run)", run.date, run.state.rawValue, "\(run.shardsComplete)/\(run.shards)",
        number(run.filmsWritten), number(run.absent), number(run.failed), number(run.requests),
        run.bytes.map { (Double($0) / 1e6).tenths } ?? "-",
      ]
    }
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    var lines = ([header] + rows).map { row in
      zip(row, widths).enumerated().map { column, cell in
        column < 3 ? cell.0.padded(right: cell.1) : cell.0.padded(left: cell.1)
      }.joined(separator: "  ")
    }
    let others = output.count - output.runs.count
    if others > 0 { lines.append("\(counted(others, "older run")) not shown; show more with --limit") }
    return lines.joined(separator: "\n")
  }

  private static func number(_ value: Int?) -> String { value.map(\.grouped) ?? "-" }
}
