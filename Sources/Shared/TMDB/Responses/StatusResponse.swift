/// TMDB's error formats: `{"status_code":34,"status_message":"…"}`, and `{"errors":["…"]}` with a 422. Errors can also
/// arrive as HTML, or as JSON of another shape.
struct StatusResponse: Equatable {
  /// Limited in length and without control characters, so that it can be quoted in a sentence.
  let message: String

  init?(_ body: [UInt8]) {
    guard case .object(let fields)? = try? JSONValue(parsing: body) else { return nil }
    if case .string(let message)? = fields["status_message"] {
      self.message = message.printable
    } else if case .array(let errors)? = fields["errors"], case .string(let message)? = errors.first {
      self.message = message.printable
    } else {
      return nil
    }
  }
}
