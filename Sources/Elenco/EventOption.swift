import Shared

/// `--event`: the dispatcher's event, `{}` where it is left out.
struct EventOption {
  /// As it was given.
  let text: String
  let fields: [String: JSONValue]

  /// Refuses here what the dispatcher may not see any more: whoever reads and writes the text on its way to it keeps one
  /// of two fields of a name.
  init(_ given: String?, usage: String) throws(UsageError) {
    text = given.flatMap { $0.isEmpty ? nil : $0 } ?? "{}"
    let value: JSONValue
    do { value = try JSONValue.event(Array(text.utf8)) } catch {
      throw UsageError("--event: \(error)", usage: usage)
    }
    guard case .object(let fields) = value else {
      throw UsageError("--event must be a JSON object", usage: usage)
    }
    self.fields = fields
  }
}
