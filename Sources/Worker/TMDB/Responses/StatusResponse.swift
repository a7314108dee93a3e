import Shared

/// What TMDB says of an error, where it says it in its own way: `{"status_code":34,"status_message":"…"}`.
/// An error's body may as well be HTML or JSON of another shape.
struct StatusResponse: Equatable {
  /// Fit for a sentence.
  let message: String

  init?(_ body: [UInt8]) {
    guard case .object(let fields)? = try? JSONValue(parsing: body),
      case .string(let message)? = fields["status_message"]
    else { return nil }
    self.message = message.printable
  }
}
