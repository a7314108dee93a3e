import Shared

/// `elenco plan`: a dry run of the dispatcher, printed with its forecast.
enum PlanCommand: Command {
  static let spec = CommandSpec(
    name: "plan", summary: "show the requests, time and cost of a run without starting it",
    description: """
      Ask the dispatcher for a dry run, and show the requests, time and cost of the run. The dry run writes
      nothing and invokes no worker. With --refresh changed or --lookup auto, it asks TMDB what the run would
      ask before it starts.
      """,
    options: [
      .text("--function", "NAME", "name or ARN of the dispatcher function", isRequired: true),
      .text("--event", "JSON", "the dispatcher's event (default: {})"),
    ] + EventFieldOptions.options + [
      .flag("--json", "print the dispatcher's response as JSON")
    ],
    exitStatus: "0 on success, 1 for an error, 2 for an invalid command line.",
    example: #"elenco plan --function elenco-dispatcher --event '{"workers":4}'"#)

  static func main(_ arguments: Arguments) throws -> Bool {
    let function = arguments.required("--function")
    let event = try dryRun(EventFieldOptions.event(arguments))
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
      refusal: "an event of S3, a failure record and an SQS message cannot ask for a dry run")
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
