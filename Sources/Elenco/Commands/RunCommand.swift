import Shared

/// `elenco run`: triggers the dispatcher through the Lambda API and follows the run on S3.
enum RunCommand {
  static let usage = """
    usage: elenco run --function NAME [--event JSON] [--out FOLDER] [--patience SECONDS] [--json]

      --function NAME      the dispatcher's name or ARN
      --event JSON         its event; {} where it is left out
      --out FOLDER         copy what stands under the destination's prefix into FOLDER at the end
      --patience SECONDS   give up following when nothing has happened for so long; 300
      --json               print the summary as JSON

    The summary goes to standard output, everything else to standard error. Ends with 0 when the run is
    complete and with 1 when it is not. Ctrl-C ends the following; the run itself goes on.
    """

  /// - Returns: whether the run is complete.
  static func main(_ words: [String]) throws -> Bool {
    let arguments = try Arguments(
      words, options: ["--function", "--event", "--out", "--patience"], flags: ["--json"], usage: usage)
    let function = try arguments.required("--function")
    guard let patience = Int(arguments["--patience"] ?? "300"), patience > 0 else {
      throw UsageError("--patience must be a number of seconds", usage: usage)
    }
    let event = try EventOption(arguments["--event"], usage: usage)
    let isJSON = arguments.has("--json")
    return try EventLoop.run { loop in
      let services = try CommandLineServices.services(loop: loop)
      let start = ContinuousClock.now
      let answer = try await dispatch(function, event: event.text, lambda: services.lambda)
      Terminal.note(announcement(answer))
      for warning in [answer.warning, answer.forecast.warning].compactMap({ $0 }) {
        Terminal.note("mind: \(warning)")
      }
      guard !answer.dryRun else {
        try Terminal.result(String(decoding: JSONText.encode(answer), as: UTF8.self))
        return true
      }
      let follower = RunFollower(
        answer: answer, s3: services.s3, loop: loop, patience: .seconds(patience))
      let progress = try await follower.follow()
      let summary = RunSummary(answer, progress, seconds: start.duration(to: .now).inSeconds)
      if let folder = arguments["--out"] {
        let count = try await FolderDownload(s3: services.s3, folder: folder)
          .copy(bucket: answer.destination.bucket, prefix: answer.destination.prefix)
        Terminal.note("\(count.grouped) objects copied to \(folder)")
      }
      try Terminal.result(isJSON ? String(decoding: JSONText.encode(summary), as: UTF8.self) : summary.text)
      return summary.isComplete
    }
  }

  private static func dispatch(
    _ function: String, event: String, lambda: LambdaClient
  ) async throws -> DispatcherResponse {
    let answer = try await lambda.invoke(function, event: Array(event.utf8))
    guard answer.functionError == nil else { throw FunctionError("the dispatcher", payload: answer.payload) }
    return try JSONText.decode(DispatcherResponse.self, from: answer.payload)
  }

  private static func announcement(_ answer: DispatcherResponse) -> String {
    "run \(answer.run): \(answer.films.grouped) of \(answer.source.films.grouped) films selected from "
      + "s3://\(answer.source.bucket)/\(answer.source.key), \(answer.shards.grouped) shards, \(answer.files.grouped) files; "
      + (answer.dryRun
        ? "a dry run: nothing was invoked"
        : "\(answer.invoked.grouped) workers invoked in \(answer.seconds.tenths) s")
  }
}
