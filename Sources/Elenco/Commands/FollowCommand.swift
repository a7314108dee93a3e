import Shared

/// `elenco follow`: follows a run that is under way.
enum FollowCommand: Command {
  static let spec = CommandSpec(
    name: "follow", summary: "follow a run that is under way until it ends",
    operand: RunOptions.optionalOperand,
    description: """
      Follow a run on S3 until it ends, by default the one that was planned last. Ctrl-C stops following; the
      run itself continues.

      The summary goes to standard output, everything else to standard error.
      """,
    options: RunLocation.options + [
      .text("--patience", "SECONDS", "stop following after SECONDS without any change (default: 300)"),
      .flag("--json", "print the summary as JSON"),
    ],
    exitStatus: "0 if the run is complete, 1 if not, 2 for an invalid command line.",
    example: "elenco follow 20261124T030000Z-53dc4d37 --bucket my-lake")

  static func main(_ arguments: Arguments) throws -> Bool {
    let (name, location) = (try RunOptions.name(arguments), try RunLocation(arguments))
    let patience = try RunFollower.patience(arguments)
    return try EventLoop.run { loop in
      let s3 = try CommandLineServices.services(loop: loop).s3
      let options = try await RunOptions(name, location, s3)
      let reader = options.reader(s3)
      let status = try await reader.status(terms: options.terms)
      let run = FollowedRun(
        status, plans: try await reader.plans(status), destination: options.destination)
      Terminal.note(
        "run \(run.run) of \(run.date): \(counted(run.films, "film")), \(counted(run.shards, "shard")), "
          + counted(run.files, "file"))
      let progress = try await RunFollower(
        run: run, s3: s3, loop: loop, patience: patience, terms: options.terms
      ).follow()
      let seconds = run.startedAt.duration(to: .now()).inSeconds
      let summary = RunSummary(run, progress, seconds: seconds)
      try Terminal.result(
        arguments.has("--json") ? String(decoding: JSONText.encode(summary), as: UTF8.self) : summary.text)
      return summary.isComplete
    }
  }
}
