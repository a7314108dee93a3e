import Shared

/// The options of `elenco run` and `elenco plan` that set fields of the dispatcher's event.
enum EventFieldOptions {
  static let options: Set<String> = ["--refresh", "--base", "--max-age", "--lookup"]
  static let help = """
      --refresh MODE       changed: copy what has not changed from an earlier run, and ask TMDB only for the
                           rest; all: ask TMDB for every film
      --base RUN           the run to start from, with --refresh changed (default: the newest complete run)
      --max-age DAYS       with --refresh changed, fetch a film again after at most DAYS (default:
                           \(RunDefaults.maxAgeDays), or the template's MaxAgeDays)
      --lookup HOW         find, direct or auto: how to ask TMDB for a film
    """

  /// The event with the fields that the options set. They replace the event's own.
  /// - Throws: `UsageError` for an invalid option, and for an event that has no place for them.
  static func event(_ arguments: Arguments, usage: String) throws -> EventOption {
    let event = try EventOption(arguments["--event"], usage: usage)
    let fields = try fields(arguments, usage: usage)
    guard !fields.isEmpty else { return event }
    return try event.setting(
      fields,
      refusal:
        "an event of S3, a failure record and an SQS message take no fields from options such as --refresh",
      usage: usage)
  }

  private static func fields(_ arguments: Arguments, usage: String) throws(UsageError) -> [String: JSONValue]
  {
    var fields: [String: JSONValue] = [:]
    if let mode = arguments["--refresh"] {
      fields["refresh"] = .string(try choice(mode, "--refresh", Refresh.allCases.map(\.rawValue), usage))
    }
    if let lookup = arguments["--lookup"] {
      fields["lookup"] = .string(try choice(lookup, "--lookup", LookupChoice.allCases.map(\.rawValue), usage))
    }
    if let name = arguments["--base"] {
      guard RunName(name) != nil else {
        throw UsageError("option --base must be the name of a run: \(RunName.rule)", usage: usage)
      }
      fields["base"] = .string(name)
    }
    if let text = arguments["--max-age"] {
      let range = RunLimits.maxAgeDays
      guard let days = Int(text), range.contains(days) else {
        throw UsageError(
          "option --max-age must be a whole number of days from \(range.lowerBound) to \(range.upperBound)",
          usage: usage)
      }
      fields["maxAgeDays"] = .integer(days)
    }
    return fields
  }

  private static func choice(
    _ value: String, _ option: String, _ allowed: [String], _ usage: String
  ) throws(UsageError) -> String {
    guard allowed.contains(value) else {
      throw UsageError("option \(option) must be one of \(allowed.joined(separator: ", "))", usage: usage)
    }
    return value
  }
}
