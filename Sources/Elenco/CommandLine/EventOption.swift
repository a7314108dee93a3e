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
    try self.init(given.flatMap { $0.isEmpty ? nil : $0 } ?? "{}", arguments)
  }

  private init(_ text: String, _ arguments: Arguments) throws(UsageError) {
    self.text = text
    self.arguments = arguments
    let value: JSONValue
    do { value = try JSONValue.event(Array(text.utf8)) } catch {
      throw arguments.refusal("--event: \(error)")
    }
    guard case .object(let fields) = value else {
      throw arguments.refusal("--event must be a JSON object")
    }
    self.fields = fields
  }

  /// Sets fields of the dispatcher's event: in the `detail` of a scheduled event, otherwise in the event itself.
  /// - Parameter refusal: why an event without a place for fields is refused: S3's events, failure records and SQS
  ///   messages.
  /// - Throws: `UsageError` for such an event, and if the `detail` of a scheduled event is not a JSON object.
  func setting(_ members: [String: JSONValue], refusal: String) throws -> EventOption {
    guard fields["Records"] == nil, fields["requestPayload"] == nil, fields["source"] != .string("aws.s3")
    else {
      throw arguments.refusal(
        "--event: \(refusal). Give the dispatcher's own fields, such as "
          + "{\"source\":{\"bucket\":\"my-lake\",\"key\":\"movies.csv\"}}")
    }
    var fields = fields
    if fields["detail-type"] == nil {
      fields.merge(members) { $1 }
    } else {
      guard case .object(var detail) = try scheduledDetail() else {
        throw arguments.refusal("--event: the scheduled event's detail must be a JSON object")
      }
      detail.merge(members) { $1 }
      fields["detail"] = .object(detail)
    }
    let text = String(decoding: try JSONText.encode(JSONValue.object(fields)), as: UTF8.self)
    return try EventOption(text, arguments)
  }

  private func scheduledDetail() throws(UsageError) -> JSONValue {
    do { return try .scheduledDetail(fields["detail"]) } catch {
      throw arguments.refusal("--event: \(error)")
    }
  }
}
