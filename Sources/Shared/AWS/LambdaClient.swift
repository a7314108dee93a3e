/// A client for Lambda's Invoke.
package struct LambdaClient: Sendable {
  /// The largest event of an asynchronous invocation that every region accepts, in bytes.
  package static let eventBytesMax = 256 << 10
  /// Lambda's limit of 15 minutes, plus 30 seconds for the network.
  private static let synchronousTimeout: Duration = .seconds(930)

  /// The result of a synchronous invocation.
  package struct Response: Sendable, Equatable {
    package let payload: [UInt8]
    /// `Handled` or `Unhandled` if the function failed; `payload` is then Lambda's description of the error. Nil
    /// otherwise.
    package let functionError: String?
  }

  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// Invokes a function asynchronously (`Event`): returns as soon as Lambda has queued the event. Retries throttled
  /// calls and other transient errors.
  /// - Parameters:
  ///   - function: a name or an ARN.
  ///   - traceID: the X-Ray trace header of the caller's own invocation.
  package func invokeAsync(_ function: String, event: [UInt8], traceID: String?) async throws {
    let response = try await send(function, event: event, type: "Event", traceID: traceID)
    try check(response, function, status: 202)
  }

  /// Invokes a function and waits for its response (`RequestResponse`) for as long as a function can run. Never
  /// retried: the function goes on running when the connection breaks, so a second call would run it twice.
  package func invoke(_ function: String, event: [UInt8]) async throws -> Response {
    let response = try await send(
      function, event: event, type: "RequestResponse", traceID: nil, isSynchronous: true)
    try check(response, function, status: 200)
    return Response(payload: response.body, functionError: response.header("X-Amz-Function-Error"))
  }

  private func send(
    _ function: String, event: [UInt8], type: String, traceID: String?, isSynchronous: Bool = false
  ) async throws -> HTTPResponse {
    var headers = [HTTPHeader("X-Amz-Invocation-Type", type), HTTPHeader("Content-Type", "application/json")]
    if let traceID { headers.append(HTTPHeader("X-Amzn-Trace-Id", traceID)) }
    var call = AWSClient.Call(
      method: .post, path: "/2015-03-31/functions/\(PercentEncoding.encode(function))/invocations",
      headers: headers, body: HTTPBody(event), payloadHash: SHA256.hex(of: event),
      name: "Invoke of \(function)")
    if isSynchronous { (call.timeout, call.isRepeatable) = (Self.synchronousTimeout, false) }
    return try await client.send(call)
  }

  private func check(_ response: HTTPResponse, _ function: String, status: Int) throws {
    guard response.status != status else { return }
    let advice =
      switch response.status {
      case 404: "The function does not exist in this region. Is its name right?"
      case 403: "Do the credentials allow lambda:InvokeFunction on it?"
      case 413: "The event is larger than Lambda accepts."
      case 429: "Lambda throttled the call. Is the account's concurrency used up?"
      default: AWSServiceError.transientAdvice(response) ?? "Lambda rejected the call."
      }
    throw AWSServiceError(response, call: "Invoke of \(function)", advice: advice)
  }
}
