/// Lambda's Invoke.
package struct LambdaClient: Sendable {
  /// The largest event of an asynchronous invocation that every region takes.
  package static let eventBytesMax = 256 << 10
  /// Lambda's 15 minutes, and some for the way.
  private static let runningMax: Duration = .seconds(930)

  /// What a function answered to a synchronous invocation.
  package struct Answer: Sendable, Equatable {
    package let payload: [UInt8]
    /// `Handled` or `Unhandled` when the function failed; the payload is then Lambda's record of the error.
    package let functionError: String?
  }

  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// Hands an event over to Lambda's queue (`Event`). Throttling and Lambda's own trouble are retried.
  /// - Parameters:
  ///   - function: a name or an ARN.
  ///   - traceID: the X-Ray header of the caller's invocation.
  package func invokeAsync(_ function: String, event: [UInt8], traceID: String?) async throws {
    let response = try await send(function, event: event, type: "Event", traceID: traceID)
    try check(response, function, status: 202)
  }

  /// Invokes a function and waits for its answer (`RequestResponse`), as long as a function may run. Sent once: a
  /// connection that breaks off leaves the function running.
  package func invoke(_ function: String, event: [UInt8]) async throws -> Answer {
    let response = try await send(function, event: event, type: "RequestResponse", traceID: nil, waits: true)
    try check(response, function, status: 200)
    return Answer(payload: response.body, functionError: response.header("X-Amz-Function-Error"))
  }

  private func send(
    _ function: String, event: [UInt8], type: String, traceID: String?, waits: Bool = false
  ) async throws -> HTTPResponse {
    var headers = [HTTPHeader("X-Amz-Invocation-Type", type), HTTPHeader("Content-Type", "application/json")]
    if let traceID { headers.append(HTTPHeader("X-Amzn-Trace-Id", traceID)) }
    var call = AWSClient.Call(
      method: .post, path: "/2015-03-31/functions/\(PercentEncoding.encode(function))/invocations",
      headers: headers, body: HTTPBody(event), payloadHash: SHA256.hex(of: event),
      name: "Invoke of \(function)")
    if waits { (call.timeout, call.isRepeatable) = (Self.runningMax, false) }
    return try await client.send(call)
  }

  private func check(_ response: HTTPResponse, _ function: String, status: Int) throws {
    guard response.status != status else { return }
    let advice =
      switch response.status {
      case 404: "There is no such function in this region."
      case 403: "Do the credentials allow lambda:InvokeFunction on it?"
      case 413: "The event is too large for Lambda."
      case 429: "Lambda throttles: is the account's concurrency used up?"
      default: AWSServiceError.passingAdvice(response) ?? "Lambda does not take the invocation."
      }
    throw AWSServiceError(response, call: "Invoke of \(function)", advice: advice)
  }
}
