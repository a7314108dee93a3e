import Shared

/// `elenco cancel`: stops a run's workers.
enum CancelCommand: Command {
  static let spec = CommandSpec(
    name: "cancel", summary: "stop a run's workers; a replay continues the run", operand: RunOptions.operand,
    description: """
      Stop a run. Its workers stop at their next write, or when they renew their lease; the files that they
      have written are kept, and the manifest says that the run was cancelled. "elenco replay RUN
      --incomplete" continues the run. Ctrl-C stops waiting for the workers; the run is cancelled all the
      same.
      """,
    options: RunLocation.options + [.flag("--json", "print the result as JSON")],
    exitStatus:
      "0 if all workers have stopped; 1 if not, or if the run has ended already; 2 for an invalid command "
      + "line.",
    example: "elenco cancel 20261124T030000Z-53dc4d37 --bucket my-lake")

  /// The JSON output.
  struct Output: Encodable {
    let run: RunName
    let cancelledAt: String
    let shards: Int
    let shardsComplete: Int
  }

  static func main(_ arguments: Arguments) throws -> Bool {
    let options = try RunOptions(arguments)
    let output = try EventLoop.run { loop in
      let services = try CommandLineServices.services(loop: loop)
      let reader = options.reader(services.s3)
      let cancellation = RunCancellation(
        reader: reader, lambda: services.lambda, worker: options.worker, terms: options.terms, loop: loop)
      let mark = try await cancellation.mark()
      try await cancellation.waitForWorkers(mark)
      try await cancellation.writeManifest()
      let status = try await reader.status(terms: options.terms)
      return Output(
        run: options.run, cancelledAt: mark.time, shards: status.plan.shards,
        shardsComplete: status.reports.count { $0.state == .complete })
    }
    if arguments.has("--json") {
      try Terminal.result(String(decoding: JSONText.encode(output), as: UTF8.self))
    } else {
      let complete = "\(output.shardsComplete.grouped) of \(counted(output.shards, "shard"))"
      try Terminal.result(
        "run \(output.run) is cancelled; \(complete) complete\nto continue: \(options.replayIncompleteCommand)"
      )
    }
    return true
  }
}
