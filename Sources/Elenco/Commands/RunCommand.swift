import Shared

/// `elenco run`: invokes the dispatcher and follows the run on S3 until it ends.
enum RunCommand: Command {
  static let spec = CommandSpec(
    name: "run", summary: "start a run and follow it until it ends",
    description: """
      Invoke the dispatcher to start a run, and follow the run on S3 until it ends. If a worker stops, this
      includes Lambda's two retries, which take some minutes.

      The summary goes to standard output, everything else to standard error. Ctrl-C stops following; the
      run itself continues. So it does if S3 cannot be reached any more: "elenco follow RUN" follows it again.
      """,
    options: [
      .text("--function", "NAME", "name or ARN of the dispatcher function", isRequired: true),
      .text("--event", "JSON", "the dispatcher's event (default: {})"),
    ] + EventFieldOptions.options + [
      CommandSpec.Option(
        name: "--out", value: .folder("FOLDER"),
        help:
          "at the end, copy all objects under the destination prefix into FOLDER; if the data files are JSON "
          + "Lines, print a query for DuckDB"),
      .file("--report", "FILE", "at the end, write a page about the run, as \"elenco report\" does"),
      .text("--patience", "SECONDS", "stop following after SECONDS without any change (default: 300)"),
      .flag("--json", "print the summary as JSON"),
    ] + RunHistory.WorkerSettings.options,
    exitStatus: "0 if the run is complete or a dry run, 1 if not, 2 for an invalid command line.",
    example: #"elenco run --function elenco-dispatcher --event '{"genres":["Western"]}'"#)

  /// - Returns: whether the run is complete or a dry run.
  static func main(_ arguments: Arguments) throws -> Bool {
    let function = arguments.required("--function")
    let patience = try RunFollower.patience(arguments)
    let settings = try RunHistory.WorkerSettings(arguments)
    let event = try EventFieldOptions.event(arguments)
    let isJSON = arguments.has("--json")
    let terms = try LeaseTerms(environment: ProcessEnvironment.all())
    return try EventLoop.run { loop in
      let services = try CommandLineServices.services(loop: loop)
      let start = ContinuousClock.now
      let response = try await dispatch(function, event: event.text, lambda: services.lambda)
      Terminal.note(announcement(response))
      if let refresh = response.refreshText { Terminal.note(refresh) }
      if let lookup = response.lookupText { Terminal.note("lookup: \(lookup)") }
      for warning in response.warnings { Terminal.note("warning: \(warning)") }
      guard !response.dryRun else {
        try Terminal.result(String(decoding: JSONText.encode(response), as: UTF8.self))
        return true
      }
      let run = FollowedRun(response)
      let progress = try await RunFollower(
        run: run, s3: services.s3, loop: loop, patience: patience, terms: terms
      ).follow()
      let summary = RunSummary(run, progress, seconds: start.duration(to: .now).inSeconds)
      if let folder = arguments["--out"] {
        let count = try await FolderDownload(s3: services.s3, folder: folder)
          .copy(bucket: response.destination.bucket, prefix: response.destination.prefix)
        Terminal.note("\(counted(count, "object")) copied to \(folder)")
      }
      try Terminal.result(isJSON ? String(decoding: JSONText.encode(summary), as: UTF8.self) : summary.text)
      if let path = arguments["--report"], response.shards > 0 {
        try await writePage(about: response, to: path, settings: settings, s3: services.s3)
      }
      if let query = sampleQuery(progress, folder: arguments["--out"]) {
        Terminal.note("\nTo query the results, paste this into DuckDB:\n\n  \(query.sql)\n")
      }
      return summary.isComplete
    }
  }

  private static func writePage(
    about response: DispatcherResponse, to path: String, settings: RunHistory.WorkerSettings, s3: S3Client
  ) async throws {
    let location = try RunLocation(
      destination: response.destination, environment: ProcessEnvironment.all())
    let options = RunOptions(run: response.run, location: location)
    let history = try await RunHistory.read(options.reader(s3), options, settings: settings)
    try ReportCommand.write(history, to: path)
  }

  /// A query over the run's data files in the folder that they were copied to, if they are JSON Lines.
  private static func sampleQuery(_ progress: RunProgress, folder: String?) -> SampleQuery? {
    guard let path = folder.flatMap(SampleQuery.absolutePath) else { return nil }
    return SampleQuery(files: progress.reports.values.flatMap { $0.files.map(\.key) }, copiedTo: path)
  }

  private static func dispatch(
    _ function: String, event: String, lambda: LambdaClient
  ) async throws -> DispatcherResponse {
    let response: LambdaClient.Response
    do { response = try await lambda.invoke(function, event: Array(event.utf8)) } catch let error as HTTPError
      where error.isTransient && ![.couldNotConnect, .couldNotResolve].contains(error.reason)
    { throw ResponseLost(error: error) }
    guard response.functionError == nil else {
      throw FunctionError("the dispatcher", payload: response.payload)
    }
    return try JSONText.decode(DispatcherResponse.self, from: response.payload)
  }

  private static func announcement(_ response: DispatcherResponse) -> String {
    let films = "\(response.films.grouped) of \(counted(response.source.films, "film"))"
    let source = ObjectAddress(bucket: response.source.bucket, key: response.source.key)
    let size = "\(counted(response.shards, "shard")), \(counted(response.files, "file"))"
    let outcome =
      response.dryRun
      ? "dry run, no worker invoked"
      : "\(counted(response.invoked, "worker")) invoked in \(response.seconds.tenths) s"
    return "run \(response.run): \(films) selected from \(source), \(size); \(outcome)"
  }
}

/// The dispatcher was invoked, but its response did not arrive.
struct ResponseLost: Error, CustomStringConvertible {
  let error: HTTPError

  var description: String {
    "\(error)\nThe dispatcher may have started a run all the same. Look for it under _runs/ below the destination's "
      + "prefix; to see its state, run: elenco status RUN"
  }
}
