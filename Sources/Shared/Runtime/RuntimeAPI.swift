/// Lambda's Runtime API, version 2018-06-01 (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
struct RuntimeAPI: Sendable {
  /// Events of an asynchronous invocation are 1 MB at most, of a synchronous one 6 MB.
  private static let eventBytesMax = 6 << 20

  private let client: HTTPClient
  private let base: String

  /// - Parameter address: host and port, from `AWS_LAMBDA_RUNTIME_API`.
  init(client: HTTPClient, address: String) {
    self.client = client
    base = "http://\(address)/2018-06-01/runtime"
  }

  /// Waits, without a limit, for the next event.
  func next() async throws -> Invocation {
    let response = try await client.send(
      HTTPRequest(.get, base + "/invocation/next", bodyBytesMax: Self.eventBytesMax, timeout: nil))
    guard response.status == 200 else { throw RuntimeAPIError(call: "next", status: response.status) }
    guard let requestID = response.header("Lambda-Runtime-Aws-Request-Id"),
      let deadline = response.header("Lambda-Runtime-Deadline-Ms").flatMap(Int64.init)
    else { throw RuntimeAPIError(call: "next", status: response.status) }
    return Invocation(
      event: response.body, requestID: requestID, deadline: UnixTime(milliseconds: deadline),
      functionARN: response.header("Lambda-Runtime-Invoked-Function-Arn") ?? "",
      traceID: response.header("Lambda-Runtime-Trace-Id"))
  }

  /// Hands in an invocation's answer.
  func respond(_ body: [UInt8], to requestID: String) async throws {
    try await post("/invocation/\(requestID)/response", body, headers: [])
  }

  /// Reports that an invocation failed.
  func report(_ failure: FailureReport, of requestID: String) async throws {
    try await post("/invocation/\(requestID)/error", failure.body, headers: failure.headers)
  }

  /// Reports that the function could not start.
  func reportInit(_ failure: FailureReport) async throws {
    try await post("/init/error", failure.body, headers: failure.headers)
  }

  private func post(_ path: String, _ body: [UInt8], headers: [HTTPHeader]) async throws {
    let type = HTTPHeader("Content-Type", "application/json")
    let response = try await client.send(
      HTTPRequest(.post, base + path, headers: [type] + headers, body: HTTPBody(body)))
    guard (200...299).contains(response.status) else {
      throw RuntimeAPIError(call: path, status: response.status)
    }
  }
}

/// An answer of the Runtime API that leaves nothing to do but to stop.
struct RuntimeAPIError: Error, CustomStringConvertible {
  let call: String
  let status: Int

  var description: String { "the Lambda Runtime API answered \(call) with status \(status)." }

  /// The answer was larger than Lambda takes (6 MB): the invocation failed, the function is well.
  var isTooLarge: Bool { status == 413 }
}

/// An error as Lambda's record has it.
struct FailureReport {
  private let errorType: String
  private let message: String

  /// The longest message, in bytes, that is reported.
  private static let messageBytesMax = 16 << 10

  init(_ error: any Error) {
    errorType = (error as? any TypedError)?.errorType ?? "HandlerError"
    message = String(String(describing: error).prefix(Self.messageBytesMax))
  }

  var body: [UInt8] {
    struct Body: Encodable {
      let errorMessage: String
      let errorType: String
      let stackTrace: [String]
    }
    let body = Body(errorMessage: message, errorType: errorType, stackTrace: [])
    return (try? JSONText.encode(body)) ?? Array(#"{"errorType":"HandlerError"}"#.utf8)
  }

  var headers: [HTTPHeader] { [HTTPHeader("Lambda-Runtime-Function-Error-Type", "Elenco.\(errorType)")] }
}
