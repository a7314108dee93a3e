import Shared

/// `elenco plan`: the dry run, with what it would take.
enum PlanCommand {
  static let usage = """
    usage: elenco plan --function NAME [--event JSON] [--json]

      --function NAME      the dispatcher's name or ARN
      --event JSON         its event; {} where it is left out
      --json               print the dispatcher's answer as it is
    """

  static func main(_ words: [String]) throws -> Bool {
    let arguments = try Arguments(words, options: ["--function", "--event"], flags: ["--json"], usage: usage)
    let function = try arguments.required("--function")
    let event = try dryRun(EventOption(arguments["--event"], usage: usage))
    let payload = try EventLoop.run { loop in
      let answer = try await CommandLineServices.services(loop: loop).lambda.invoke(function, event: event)
      guard answer.functionError == nil else {
        throw FunctionError("the dispatcher", payload: answer.payload)
      }
      return answer.payload
    }
    let text =
      arguments.has("--json")
      ? String(decoding: payload, as: UTF8.self)
      : describe(try JSONText.decode(DispatcherResponse.self, from: payload))
    try Terminal.result(text)
    return true
  }

  /// The event as a dry run's. A scheduled event's fields are those of its detail.
  static func dryRun(_ event: EventOption) throws -> [UInt8] {
    var fields = event.fields
    if fields["detail-type"] == nil {
      fields["dryRun"] = .bool(true)
    } else {
      guard case .object(var detail) = try scheduledDetail(fields["detail"]) else {
        throw UsageError("--event: the scheduled event's detail must be a JSON object", usage: usage)
      }
      detail["dryRun"] = .bool(true)
      fields["detail"] = .object(detail)
    }
    return try JSONText.encode(JSONValue.object(fields))
  }

  private static func scheduledDetail(_ value: JSONValue?) throws(UsageError) -> JSONValue {
    do { return try .scheduledDetail(value) } catch { throw UsageError("--event: \(error)", usage: usage) }
  }

  static func describe(_ plan: DispatcherResponse) -> String {
    let forecast = plan.forecast
    let sizes = Set(plan.filmsPerShard).sorted().map(\.grouped).joined(separator: " to ")
    let lines = [
      "films      \(plan.films.grouped) of \(plan.source.films.grouped) in s3://\(plan.source.bucket)/\(plan.source.key)",
      "shards     \(plan.shards.grouped), of \(sizes) films; \(plan.files.grouped) files of \(plan.filmsPerFile.grouped)",
      "requests   \(forecast.requests.grouped)",
      "time       \(ProgressDisplay.clock(forecast.seconds)), \(forecast.hopsPerShard.grouped) invocations a shard, "
        + "\(forecast.peakConcurrency.grouped) workers at once",
      "cost       \(Forecast.amount(forecast.dollars))",
    ]
    let warnings = [plan.warning, forecast.warning].compactMap { $0 }.map { "mind       \($0)" }
    return (lines + warnings).joined(separator: "\n")
  }
}
