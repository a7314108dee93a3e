import Shared

/// TMDB's own error format: `{"status_code":34,"status_message":"…"}`. Errors can also arrive as HTML, or as JSON of
/// another shape.
struct StatusResponse: Equatable {
  /// Limited in length and without control characters, so that it can be quoted in a sentence.
  let message: String

  init?(_ body: [UInt8]) {
    guard case .object(let fields)? = try? JSONValue(parsing: body),
      case .string(let message)? = fields["status_message"]
    else { return nil }
    self.message = message.printable
  }
}
