import Shared

/// `elenco replay`: invokes workers again for shards of a run.
enum ReplayCommand: Command {
  static let spec = CommandSpec(
    name: "replay", summary: "invoke workers again for shards of a run", operand: RunOptions.operand,
    description: """
      Invoke workers again for one shard of a run, or for every shard that needs it. Running workers and the
      replayed shards share the run's request rate. A run that was cancelled is resumed.
      """,
    options: [
      .text("--shard", "N", "replay shard N and wait for its report"),
      .flag(
        "--incomplete",
        "replay every failed, stopped, dead or abandoned shard, or write the missing manifest; does not wait "
          + "for reports"),
      CommandSpec.Option(
        name: "--replay", value: .choice("WHAT", Replay.allCases.map(\.rawValue)),
        help:
          "\"missing\" fetches missing and incomplete files, \"all\" fetches every file (default: missing)"),
    ] + RunLocation.options + [.flag("--json", "print the result as JSON")],
    alternatives: ["--shard", "--incomplete"],
    exitStatus:
      "0 if the shard is complete or continues in another invocation, or if the workers are invoked; 1 if "
      + "not; 2 for an invalid command line.",
    example: "elenco replay 20261124T030000Z-53dc4d37 --shard 17 --bucket my-lake")

  static func main(_ arguments: Arguments) throws -> Bool {
    let options = try RunOptions(arguments)
    let replay = arguments["--replay"].flatMap(Replay.init) ?? .missing
    switch (try RunOptions.shard(arguments), arguments.has("--incomplete")) {
    case (let shard?, false):
      return try replayShard(shard, replay, options, isJSON: arguments.has("--json"))
    case (nil, true): return try replayIncomplete(replay, options, isJSON: arguments.has("--json"))
    default: throw arguments.refusal("exactly one of --shard and --incomplete is required")
    }
  }

  private static func replayShard(
    _ shard: Int, _ replay: Replay, _ options: RunOptions, isJSON: Bool
  ) throws -> Bool {
    let response = try EventLoop.run { loop in
      let services = try CommandLineServices.services(loop: loop)
      let status = try await options.reader(services.s3).status(terms: options.terms)
      try status.requireReplayable()
      return try await RunReplay(options: options, lambda: services.lambda)
        .invokeWorker(for: shard, replay, status)
    }
    guard response.functionError == nil else { throw FunctionError("the worker", payload: response.payload) }
    struct Report: Decodable {
      let state: String
      let message: String?
      let films: Int?
      let failed: [ShardReport.FailedFilm]?
    }
    let report = try JSONText.decode(Report.self, from: response.payload)
    let continuing = ShardReport.State.continuing.rawValue
    if isJSON {
      try Terminal.result(String(decoding: response.payload, as: UTF8.self))
    } else {
      let failed = report.failed?.count ?? 0
      let text =
        report.state == continuing
        ? "shard \(shard) continues in another invocation; \(hint(options))"
        : "shard \(shard) is \(report.state)\(failed > 0 ? ": \(counted(failed, "film")) failed" : "")"
      try Terminal.result(report.message ?? text)
    }
    return ["complete", continuing].contains(report.state)
  }

  private static func replayIncomplete(
    _ replay: Replay, _ options: RunOptions, isJSON: Bool
  ) throws -> Bool {
    let shards = try EventLoop.run { loop -> [Int] in
      let services = try CommandLineServices.services(loop: loop)
      let status = try await options.reader(services.s3).status(terms: options.terms)
      try status.requireReplayable()
      let shards = status.toReplay
      try await RunReplay(options: options, lambda: services.lambda)
        .invokeWorkers(for: shards, replay, status)
      return shards
    }
    if isJSON {
      try Terminal.result(String(decoding: JSONText.encode(["invoked": shards]), as: UTF8.self))
    } else if shards.isEmpty {
      try Terminal.result("no shard of run \(options.run) needs a replay")
    } else {
      try Terminal.result(
        "\(counted(shards.count, "worker")) invoked, for \(RunReplay.names(of: shards)); \(hint(options))")
    }
    return true
  }

  private static func hint(_ options: RunOptions) -> String {
    "run \"elenco status \(options.run)\" to see the progress"
  }
}
