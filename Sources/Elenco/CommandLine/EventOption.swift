import Shared

/// The option `--event`: the dispatcher's event, `{}` by default.
struct EventOption {
  /// The JSON text as given.
  let text: String
  let fields: [String: JSONValue]
  private let arguments: Arguments

  /// Parses and checks the event. A duplicate field is refused here, because the dispatcher might not see it: a program
  /// that decodes and re-encodes the JSON on the way keeps only one of two fields with the same name.
  /// - Throws: `UsageError` if the event is not a JSON object, or has a duplicate field.
  init(_ arguments: Arguments) throws(UsageError) {
    let given = arguments["--event"]
    text = given.flatMap { $0.isEmpty ? nil : $0 } ?? "{}"
    let value: JSONValue
    do { value = try JSONValue.event(Array(text.utf8)) } catch {
      throw arguments.refusal("--event: \(error)")
    }
    self.arguments = arguments
    guard case .object(let fields) = value else {
      throw arguments.refusal("--event must be a JSON object")
    }
    self.fields = fields
  }
  /// An error about the event.
  func refusal(_ problem: String) -> UsageError { arguments.refusal("--event: \(problem)") }
}
