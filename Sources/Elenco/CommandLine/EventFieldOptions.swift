import Shared

/// The options of `elenco run` and `elenco plan` that set fields of the dispatcher's event.
enum EventFieldOptions {
  static let options: [CommandSpec.Option] = [
    CommandSpec.Option(
      name: "--refresh", value: .choice("MODE", Refresh.allCases.map(\.rawValue)),
      help:
        "changed: copy what has not changed from an earlier run, and ask TMDB only for the rest; all: ask TMDB "
        + "for every film"),
    .text(
      "--base", "RUN", "the run to start from, with --refresh changed (default: the newest complete run)"),
    .text(
      "--max-age", "DAYS",
      "with --refresh changed, fetch a film again after at most DAYS (default: \(RunDefaults.maxAgeDays), or "
        + "the template's MaxAgeDays)"),
    CommandSpec.Option(
      name: "--lookup", value: .choice("HOW", LookupChoice.allCases.map(\.rawValue)),
      help: "find, direct or auto: how to ask TMDB for a film"),
  ]

  /// The event with the fields that the options set. They replace the event's own.
  /// - Throws: `UsageError` for an invalid option, and for an event that has no place for them.
  static func event(_ arguments: Arguments) throws -> EventOption {
    let event = try EventOption(arguments)
    let fields = try fields(arguments)
    guard !fields.isEmpty else { return event }
    return try event.setting(
      fields,
      refusal:
        "an event of S3, a failure record and an SQS message take no fields from options such as --refresh")
  }

  private static func fields(_ arguments: Arguments) throws(UsageError) -> [String: JSONValue] {
    var fields: [String: JSONValue] = [:]
    if let mode = arguments["--refresh"] { fields["refresh"] = .string(mode) }
    if let lookup = arguments["--lookup"] { fields["lookup"] = .string(lookup) }
    if let name = arguments["--base"] {
      guard RunName(name) != nil else {
        throw arguments.refusal("option --base must be the name of a run: \(RunName.rule)")
      }
      fields["base"] = .string(name)
    }
    if let text = arguments["--max-age"] {
      let range = RunLimits.maxAgeDays
      guard let days = Int(text), range.contains(days) else {
        throw arguments.refusal(
          "option --max-age must be a whole number of days from \(range.lowerBound) to \(range.upperBound)")
      }
      fields["maxAgeDays"] = .integer(days)
    }
    return fields
  }
}
