import Shared

/// `elenco logs`: a run's lines in the logs of its functions.
enum LogsCommand: Command {
  static let spec = CommandSpec(
    name: "logs", summary: "show what the dispatcher and the workers of a run have logged",
    operand: RunOptions.optionalOperand,
    description: """
      Show the lines that a run's dispatcher and workers have written to CloudWatch Logs, in the order of
      their times, which are in UTC. The run is by default the one that was planned last. With the run's own
      lines come all others of the same invocations, such as errors and Lambda's reports, except the values of
      metrics, which only --json shows.

      The log groups are /aws/lambda/ and the names of the functions. Lines that CloudWatch has deleted after
      the log groups' retention are missing.
      """,
    options: [
      .text("--shard", "N", "only lines about shard N"),
      .flag("--follow", "show new lines as they arrive, until the run has ended; Ctrl-C stops"),
    ] + RunLocation.options + [
      .text(
        "--dispatcher", "NAME",
        "name or ARN of the dispatcher function (default: $ELENCO_DISPATCHER_FUNCTION, or the worker's name with "
          + "\"-dispatcher\" for \"-worker\")"),
      .text(
        "--patience", "SECONDS",
        "with --follow, stop after SECONDS without any change of the run (default: 300)"),
      .flag("--json", "print each line as a JSON object"),
    ],
    exitStatus:
      "0 if the lines were read, also if there are none, 1 for an error, 2 for an invalid command line.",
    example: "elenco logs 20261124T030000Z-53dc4d37 --shard 17 --bucket my-lake")

  /// The longest time from the dispatcher's first line to the first plan, and from a worker's last write to its last
  /// line: that of an invocation.
  private static let invocationMax: Duration = .seconds(15 * 60)

  static func main(_ arguments: Arguments) throws -> Bool {
    let (name, location) = (try RunOptions.name(arguments), try RunLocation(arguments))
    let shard = try RunOptions.shard(arguments)
    let patience = try RunFollower.patience(arguments)
    let given = [arguments["--dispatcher"], ProcessEnvironment.all()["ELENCO_DISPATCHER_FUNCTION"]]
    let dispatcher =
      given.lazy.compactMap { $0 }.first { !$0.isEmpty } ?? LogReader.dispatcher(ofWorker: location.worker)
    // The dispatcher first: its lines are few, and reading stops at the limit.
    let functions =
      [dispatcher.map { LogReader.Function(source: .dispatcher, name: $0) }].compactMap { $0 }
      + [LogReader.Function(source: .worker, name: location.worker)]
    let isJSON = arguments.has("--json")
    let follows = arguments.has("--follow")
    return try EventLoop.run { loop in
      let services = try CommandLineServices.services(loop: loop)
      let options = try await RunOptions(name, location, services.s3)
      let (_, listing, newest) = try await options.reader(services.s3).listing(terms: options.terms)
      let planned = listing.plannedAt ?? newest
      var reader = LogReader(
        logs: services.logs, functions: functions, log: RunLog(run: options.run, shard: shard),
        start: planned + invocationMax * -1)
      if follows {
        let follower = LogFollower(
          run: options.reader(services.s3), terms: options.terms, loop: loop, patience: patience)
        try await follower.follow(&reader) { try print($0, isJSON: isJSON) }
      } else {
        let lines = try await reader.read(until: min(.now(), newest + invocationMax))
        try print(lines, isJSON: isJSON)
        if lines.isEmpty { Terminal.note(nothing(options, shard)) }
      }
      if dispatcher == nil {
        Terminal.note(
          "elenco: the dispatcher's lines are missing, because its name does not follow from that of the worker, "
            + "\(location.worker); name it with --dispatcher")
      }
      for function in reader.missing {
        Terminal.note(
          "elenco: there is no log group \(function.group), so the dispatcher's lines are missing; name the function "
            + "with --dispatcher")
      }
      if reader.isCut {
        Terminal.note(
          "elenco: the run's log streams have more than \(LogReader.linesMax.grouped) lines, and not all are shown; show "
            + "one shard with --shard")
      }
      return true
    }
  }

  private static func nothing(_ options: RunOptions, _ shard: Int?) -> String {
    "elenco: no lines about \(shard.map { "shard \($0) of " } ?? "")run \(options.run). Lines take some seconds to "
      + "arrive, and CloudWatch deletes them after the log group's retention."
  }

  private static func print(_ lines: [LogLine], isJSON: Bool) throws {
    for line in lines {
      if isJSON {
        try Terminal.result(String(decoding: JSONText.encode(line), as: UTF8.self))
      } else if !line.isMetrics {
        try Terminal.result(line.text)
      }
    }
  }
}
