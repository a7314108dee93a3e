/// A client for Lambda's Runtime API, version 2018-06-01
/// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
struct RuntimeAPI: Sendable {
  /// Lambda's limit for the event of a synchronous invocation, 6 MB. For an asynchronous one it is 1 MB.
  private static let eventBytesMax = 6 << 20

  private let client: HTTPClient
  private let base: String

  /// - Parameter address: the host and port in `AWS_LAMBDA_RUNTIME_API`.
  init(client: HTTPClient, address: String) {
    self.client = client
    base = "http://\(address)/2018-06-01/runtime"
  }

  /// Waits for the next invocation, without a timeout.
  /// - Throws: `RuntimeAPIError`, or `HTTPError` if the request fails.
  func next() async throws -> Invocation {
    let response = try await client.send(
      HTTPRequest(.get, base + "/invocation/next", bodyBytesMax: Self.eventBytesMax, timeout: nil))
    return try Invocation(response)
  }

  /// Sends the response to an invocation.
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

extension Invocation {
  /// Reads the response to `/invocation/next`.
  init(_ response: HTTPResponse) throws(RuntimeAPIError) {
    guard response.status == 200 else {
      throw RuntimeAPIError(call: "/invocation/next", status: response.status)
    }
    guard let requestID = response.header("Lambda-Runtime-Aws-Request-Id"),
      let deadline = response.header("Lambda-Runtime-Deadline-Ms").flatMap(Int64.init)
    else {
      throw RuntimeAPIError(
        call: "/invocation/next without a request ID or a deadline", status: response.status)
    }
    self.init(
      event: response.body, requestID: requestID, deadline: UnixTime(milliseconds: deadline),
      functionARN: response.header("Lambda-Runtime-Invoked-Function-Arn") ?? "",
      traceID: response.header("Lambda-Runtime-Trace-Id"))
  }
}

/// An unexpected response of the Runtime API. The process cannot continue after it, except when `isTooLarge` is true.
struct RuntimeAPIError: Error, CustomStringConvertible {
  let call: String
  let status: Int

  var description: String { "the Lambda Runtime API returned status \(status) for \(call)." }

  /// Whether Lambda refused the function's response because it exceeds 6 MB. Only this invocation fails; the process
  /// continues.
  var isTooLarge: Bool { status == 413 }
}

/// An error in the format that the Runtime API expects.
struct FailureReport {
  private let errorType: String
  private let message: String

  /// Maximum length of a reported message, in characters. Longer ones are truncated.
  private static let messageCharactersMax = 16 << 10

  init(_ error: any Error) {
    errorType = (error as? any TypedError)?.errorType ?? "HandlerError"
    message = String(String(describing: error).prefix(Self.messageCharactersMax))
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
