import Shared

/// `elenco replay`: invokes workers for shards of a run again.
enum ReplayCommand {
  static let usage = """
    usage: elenco replay RUN --shard N | --incomplete [--replay missing|all] [--bucket B] [--prefix P]
                         [--function NAME] [--lease-seconds N] [--json]

      --shard N            this shard, and wait for its report; it has the run's rate to itself, less what others
                           that are at work have of it
      --incomplete         every shard that failed, stopped or died, and a manifest that is missing, without waiting
      --replay WHAT        missing: files that are absent or incomplete, the default; all: every file
    \(RunOptions.help)
      --json               print what was done as JSON

    Ends with 0 when the shard is complete or goes on in another invocation, or the workers are invoked, and with 1
    when not.
    """

  static func main(_ words: [String]) throws -> Bool {
    let arguments = try Arguments(
      words.dropFirst(), options: RunOptions.options.union(["--shard", "--replay"]),
      flags: ["--incomplete", "--json"],
      usage: usage)
    let options = try RunOptions(run: words.first, arguments, usage: usage)
    guard let replay = Replay(rawValue: arguments["--replay"] ?? "missing") else {
      throw UsageError("--replay is missing or all", usage: usage)
    }
    switch (arguments["--shard"], arguments.has("--incomplete")) {
    case (let text?, false):
      guard let shard = Int(text), (0..<RunLimits.shards.upperBound).contains(shard) else {
        throw UsageError("--shard is a number from 0", usage: usage)
      }
      return try one(shard, replay, options, isJSON: arguments.has("--json"))
    case (nil, true): return try incomplete(replay, options, isJSON: arguments.has("--json"))
    default: throw UsageError("either --shard or --incomplete is needed", usage: usage)
    }
  }

  private struct Event: Encodable {
    let run: RunName
    let shard: Int
    let destination: Destination
    let replay: Replay
    /// How many share the run's rate: those that are at work, and not as many as when all were.
    let workers: Int
  }

  private static func one(_ shard: Int, _ replay: Replay, _ options: RunOptions, isJSON: Bool) throws -> Bool
  {
    let answer = try EventLoop.run { loop in
      let services = try CommandLineServices.services(loop: loop)
      let workers = try await options.reader(services.s3).status(terms: options.terms).workers(replaying: [
        shard
      ])
      let event = Event(
        run: options.run, shard: shard, destination: options.destination, replay: replay, workers: workers)
      return try await services.lambda.invoke(options.worker, event: JSONText.encode(event))
    }
    guard answer.functionError == nil else { throw FunctionError("the worker", payload: answer.payload) }
    struct Answer: Decodable {
      let state: String
      let message: String?
      let films: Int?
      let failed: [ShardReport.FailedFilm]?
    }
    let report = try JSONText.decode(Answer.self, from: answer.payload)
    let continuing = ShardReport.State.continuing.rawValue
    if isJSON {
      try Terminal.result(String(decoding: answer.payload, as: UTF8.self))
    } else {
      let failed = report.failed?.count ?? 0
      let text =
        report.state == continuing
        ? "shard \(shard) goes on in another invocation; elenco status \(options.run) shows what becomes of it"
        : "shard \(shard) is \(report.state)\(failed > 0 ? ": \(failed.grouped) films failed" : "")"
      try Terminal.result(report.message ?? text)
    }
    return ["complete", continuing].contains(report.state)
  }

  private static func incomplete(_ replay: Replay, _ options: RunOptions, isJSON: Bool) throws -> Bool {
    let shards = try EventLoop.run { loop -> [Int] in
      let services = try CommandLineServices.services(loop: loop)
      let status = try await options.reader(services.s3).status(terms: options.terms)
      let shards = status.toReplay
      let workers = status.workers(replaying: shards)
      _ = try await BoundedFanOut.map(shards, limit: 16) { shard in
        let event = Event(
          run: options.run, shard: shard, destination: options.destination, replay: replay, workers: workers)
        try await services.lambda.invokeAsync(
          options.worker, event: try JSONText.encode(event), traceID: nil)
      }
      return shards
    }
    if isJSON {
      try Terminal.result(String(decoding: JSONText.encode(["invoked": shards]), as: UTF8.self))
    } else if shards.isEmpty {
      try Terminal.result("no shard of run \(options.run) needs a replay")
    } else {
      try Terminal.result(
        "workers invoked for \(shards.count.grouped) shards: \(shards.map(String.init).joined(separator: ", ")); "
          + "elenco status \(options.run) shows what becomes of them")
    }
    return true
  }
}
