/// Unwraps an event from what AWS delivers it in: an SQS message, and the record that Lambda sends to an on-failure
/// destination.
package struct EventEnvelope: Equatable, Sendable {
  /// The event inside.
  package let event: JSONValue
  /// The name of the event in errors.
  package let owner: String
  /// The request that the event belongs to: the failed one for a failure record, or the SQS message. Nil if the event
  /// was not wrapped, or if the failure record does not name the request.
  package let requestID: String?
  /// Whether the event was wrapped.
  package let isWrapped: Bool

  /// Maximum number of envelopes around an event. A replay that fails leaves a failure record around the first one.
  static let depthMax = 4

  /// Unwraps an event, from the outside to the inside. The innermost request id counts.
  /// - Throws: `EventError` if an envelope lacks what is needed, or contains more than one event.
  package init(opening value: JSONValue) throws(EventError) {
    self.init(event: value, owner: "the event", requestID: nil, isWrapped: false)
    var depth = 0
    while let inner = try opened() {
      depth += 1
      guard depth <= Self.depthMax else {
        throw EventError(
          "the event is wrapped in more than \(Self.depthMax) SQS messages and failure records. Send the innermost "
            + "requestPayload instead.")
      }
      self = inner
    }
  }

  /// Refuses an event that needs the id of its request but was wrapped without one: each delivery would start a run.
  /// - Parameter namesRun: whether the event itself names its run.
  func check(namesRun: Bool) throws(EventError) {
    guard isWrapped, requestID == nil, !namesRun else { return }
    throw EventError(
      "\(owner) names no run, and neither \"requestContext.requestId\" nor \"messageId\" says which request it was, so "
        + "each delivery would start another run. Add \"run\" to the event.")
  }

  private init(event: JSONValue, owner: String, requestID: String?, isWrapped: Bool) {
    (self.event, self.owner, self.requestID, self.isWrapped) = (event, owner, requestID, isWrapped)
  }

  /// Returns what is inside this envelope; nil if the event is not an envelope.
  private func opened() throws(EventError) -> EventEnvelope? {
    guard case .object(let object) = event else { return nil }
    func has(_ name: String) -> Bool { object[name].map { $0 != .null } ?? false }
    if has("requestPayload") || has("requestContext") { return try failureRecord() }
    if has("Records") { return try message() }
    return nil
  }

  /// Opens a record of Lambda's on-failure destination
  /// (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
  private func failureRecord() throws(EventError) -> EventEnvelope {
    var fields = try EventFields(event, owner: "the failure record")
    var context = try fields.object("requestContext")
    // Lambda sends the same record to an on-success destination. What succeeded must not run again.
    if try context?.string("condition") == "Success" {
      throw EventError(
        "the event is the record of an invocation that succeeded, so there is nothing to repeat.")
    }
    guard let payload = fields.value("requestPayload") else {
      throw fields.refusal("requestPayload", "is missing; it is the event that failed")
    }
    return EventEnvelope(
      event: payload, owner: "the failure record's requestPayload", requestID: try context?.id("requestId"),
      isWrapped: true)
  }

  /// Opens an event that SQS delivers
  /// (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html). Records of other sources are not envelopes.
  private func message() throws(EventError) -> EventEnvelope? {
    var fields = try EventFields(event, owner: owner)
    let records = try fields.records("Records")
    guard let first = records.first, try first.source() == "aws:sqs" else { return nil }
    guard records.count == 1 else {
      throw EventError(
        "\(owner) has \(records.count) SQS messages, but can have only one. Set the batch size of the event source "
          + "mapping to 1.")
    }
    var record = first
    // An empty event is a full run, and a body that was lost must not start one.
    guard let body = try record.string("body"), !body.isEmpty else {
      throw record.refusal("body", "is missing; it is the event as text")
    }
    let inside = "the SQS message's body"
    return EventEnvelope(
      event: try .event(Array(body.utf8), owner: inside), owner: inside,
      requestID: try record.id("messageId"),
      isWrapped: true)
  }
}

extension EventFields {
  /// Takes an array of at least one object, each a record of an event source.
  mutating func records(_ name: String) throws(EventError) -> [EventFields] {
    guard case .array(let values) = value(name), !values.isEmpty else {
      throw refusal(name, "must be an array of at least one record")
    }
    var records: [EventFields] = []
    for value in values { records.append(try EventFields(value, owner: "the event's record")) }
    return records
  }

  /// A record's `eventSource`, such as `aws:s3`, without taking it.
  func source() throws(EventError) -> String? {
    var copy = self
    return try copy.string("eventSource")
  }

  /// Takes a request's or a message's id, which becomes part of keys.
  fileprivate mutating func id(_ name: String) throws(EventError) -> String? {
    guard let text = try string(name) else { return nil }
    guard let id = RunName(text) else {
      throw refusal(name, "must be an id of \(RunName.rule), not \"\(text.printable)\"")
    }
    return id.description
  }
}
