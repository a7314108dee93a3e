/// One invocation of a function: its event and the metadata from Lambda.
package struct Invocation: Sendable {
  /// The event's JSON.
  package let event: [UInt8]
  package let requestID: String
  /// The time at which Lambda ends the invocation.
  package let deadline: UnixTime
  /// The ARN that was invoked; empty if Lambda did not send it.
  package let functionARN: String
  /// The X-Ray trace header, which the function passes to the functions that it invokes.
  package let traceID: String?

  package init(
    event: [UInt8], requestID: String, deadline: UnixTime, functionARN: String, traceID: String?
  ) {
    self.event = event
    self.requestID = requestID
    self.deadline = deadline
    self.functionARN = functionARN
    self.traceID = traceID
  }
}

/// Handles invocations. It is created once per process and called for one invocation at a time.
package protocol LambdaHandler {
  /// - Returns: the response's JSON.
  /// - Throws: any error. Lambda reports the `errorType` of a `TypedError`, and `HandlerError` for other errors.
  func handle(_ invocation: Invocation) async throws -> [UInt8]
}
