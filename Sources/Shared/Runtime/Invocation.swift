/// One invocation of a function: its event, and what Lambda says about it.
package struct Invocation: Sendable {
  package let event: [UInt8]
  package let requestID: String
  /// When Lambda ends the invocation.
  package let deadline: UnixTime
  package let functionARN: String
  /// The X-Ray header, handed on to whatever the function invokes.
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

/// What answers invocations: set up once, called for one after the other.
package protocol LambdaHandler {
  /// - Returns: the answer's JSON.
  /// - Throws: a `TypedError` keeps its name in Lambda's record; any other error is a `HandlerError`.
  func handle(_ invocation: Invocation) async throws -> [UInt8]
}
