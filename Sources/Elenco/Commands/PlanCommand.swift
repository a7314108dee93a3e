import Shared

/// `elenco plan`: a dry run of the dispatcher, printed with its forecast.
enum PlanCommand {
  static let usage = """
    usage: elenco plan --function NAME [--event JSON] [--refresh MODE] [--base RUN] [--max-age DAYS]
                       [--lookup HOW] [--json]

    Ask the dispatcher for a dry run, and show the requests, time and cost of the run. The dry run writes
    nothing and invokes no worker. With --refresh changed or --lookup auto, it asks TMDB what the run would
    ask before it starts.

    Options:
      --function NAME      name or ARN of the dispatcher function (required)
      --event JSON         the dispatcher's event (default: {})
    \(EventFieldOptions.help)
      --json               print the dispatcher's response as JSON

    Exit status: 0 on success, 1 for an error, 2 for an invalid command line.
    """

  static func main(_ words: [String]) throws -> Bool {
    let options = EventFieldOptions.options.union(["--function", "--event"])
    let arguments = try Arguments(words, options: options, flags: ["--json"], usage: usage)
    let function = try arguments.required("--function")
    let event = try dryRun(EventFieldOptions.event(arguments, usage: usage))
    let payload = try EventLoop.run { loop in
      let response = try await CommandLineServices.services(loop: loop).lambda.invoke(function, event: event)
      guard response.functionError == nil else {
        throw FunctionError("the dispatcher", payload: response.payload)
      }
      return response.payload
    }
    let text =
      arguments.has("--json")
      ? String(decoding: payload, as: UTF8.self)
      : describe(try JSONText.decode(DispatcherResponse.self, from: payload))
    try Terminal.result(text)
    return true
  }

  /// Returns the event with `dryRun` set to true.
  /// - Throws: `UsageError` if the event has no place for it.
  static func dryRun(_ event: EventOption) throws -> [UInt8] {
    let dryRun = try event.setting(
      ["dryRun": .bool(true)],
      refusal: "an event of S3, a failure record and an SQS message cannot ask for a dry run", usage: usage)
    return Array(dryRun.text.utf8)
  }

  /// The plan and its forecast as text.
  static func describe(_ plan: DispatcherResponse) -> String {
    let forecast = plan.forecast
    let sizes = Set(plan.filmsPerShard).sorted()
    let range = sizes.map(\.grouped).joined(separator: " to ")
    let filmsPerShard = "\(range) \(sizes == [1] ? "film" : "films")"
    let files = "\(counted(plan.files, "file")) of up to \(counted(plan.filmsPerFile, "film"))"
    let invocations = "\(counted(forecast.hopsPerShard, "invocation")) per shard"
    let workers = counted(forecast.peakConcurrency, "concurrent worker")
    let source = ObjectAddress(bucket: plan.source.bucket, key: plan.source.key)
    let refresh = plan.refreshText.map { "refresh    \($0)" }
    let lookup = plan.lookupText.map { "lookup     \($0)" }
    let lines = [
      "films      \(plan.films.grouped) of \(plan.source.films.grouped) in \(source)",
      "shards     \(plan.shards.grouped), \(filmsPerShard) per shard; \(files)",
      "requests   \(forecast.requests.grouped)",
      "time       \(ProgressDisplay.clock(forecast.seconds)); \(invocations), \(workers)",
      "cost       \(Forecast.amount(forecast.dollars))",
    ]
    return (lines + [refresh, lookup].compactMap { $0 } + plan.warnings.map { "warning    \($0)" }).joined(
      separator: "\n")
  }
}
