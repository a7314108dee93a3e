import Synchronization

/// Sends signed calls to one AWS service and retries those that fail for a transient reason.
package final class AWSClient: Sendable {
  /// A call that fails on all 8 attempts has waited 8 seconds on average and 16 at most, unless the service sent
  /// Retry-After.
  static let retries = RetryPolicy(attemptsMax: 8, base: .milliseconds(200), ceiling: .seconds(5))
  /// Error codes of transient failures that a service may send with any status: those of botocore's standard retry
  /// mode, S3's `ConditionalRequestConflict` (409: another conditional request for the same key is in progress), and the
  /// code of an error whose response lacks a required header.
  private static let transientCodes: Set<String> = [
    "ConditionalRequestConflict", AWSServiceError.incompleteResponse, "RequestThrottled",
    "RequestThrottledException", "RequestTimeout",
    "RequestTimeoutException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
    "TooManyRequestsException",
  ]
  /// Size limit of a response that is not streamed. The largest ones are data files.
  static let bodyBytesMax = 64 << 20

  /// A request before it is signed.
  struct Call {
    var method: HTTPRequest.Method
    /// Percent-encoded, exactly as it is sent.
    var path: String
    /// Percent-encoded pairs, joined by `&`.
    var query = ""
    var headers: [HTTPHeader] = []
    var body = HTTPBody.empty
    /// SHA-256 of the body, in lowercase hexadecimal.
    var payloadHash = AWSClient.emptyHash
    /// The host, if it is not the endpoint's: a bucket has a host name of its own.
    var authority: String?
    var timeout: Duration = .seconds(60)
    /// Whether the call may be sent again after a failure. False if a second call would do the work twice.
    var isRepeatable = true
    /// A header that every successful response has. A response without it does not count as successful and is retried.
    var requiredHeader: String?
    /// The name of the call in errors: `GET s3://lake/Raw/movies.csv`.
    var name: String

    /// A call of AWS's protocol "JSON 1.1".
    /// - Parameter target: the service's version and the operation, such as `secretsmanager.GetSecretValue`.
    static func json(_ target: String, _ body: [UInt8], name: String) -> Call {
      Call(
        method: .post, path: "/",
        headers: [
          HTTPHeader("Content-Type", "application/x-amz-json-1.1"), HTTPHeader("X-Amz-Target", target),
        ], body: HTTPBody(body), payloadHash: SHA256.hex(of: body), name: name)
    }
  }

  /// SHA-256 of the empty body.
  static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  let http: HTTPClient
  let endpoint: AWSEndpoint
  private let credentials: CredentialsSource
  private let region: String
  private let service: AWSEndpoint.Service
  /// For the latest credentials; nil before the first request.
  private let signer = Mutex<Signer?>(nil)

  package init(
    _ service: AWSEndpoint.Service, http: HTTPClient, credentials: CredentialsSource, region: String,
    environment: [String: String]
  ) throws {
    self.http = http
    endpoint = try AWSEndpoint(service, region: region, environment: environment)
    (self.credentials, self.region, self.service) = (credentials, region, service)
  }

  /// Sends a call and retries it after transient failures.
  /// - Returns: the response, whatever its status.
  /// - Throws: `HTTPError` if the last attempt got no response.
  func send(_ call: Call) async throws -> HTTPResponse { try await perform(call, consume: nil) }

  /// Sends a GET and passes the body of a 200 or 206 to `consume` as it arrives. Not retried once the first byte was
  /// passed on.
  func stream(
    _ call: Call, consume: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) async throws -> HTTPResponse {
    try await perform(call, consume: consume)
  }

  private func perform(
    _ call: Call, consume: ((UnsafeRawBufferPointer) throws -> Void)?
  ) async throws -> HTTPResponse {
    var attempts = 0
    while true {
      attempts += 1
      var hasBegun = false
      let result: Result<HTTPResponse, HTTPError>
      do {
        result = .success(
          try await sendOnce(
            call,
            consume: consume.map { consume in
              {
                hasBegun = true
                try consume($0)
              }
            }))
      } catch let error as HTTPError {
        result = .failure(error)
      }
      guard call.isRepeatable, Self.isTransient(result, of: call), !hasBegun,
        let wait = Self.retries.wait(
          afterAttempts: attempts, serverWait: Self.serverWait(result), random: .random(in: 0..<1))
      else { return try result.get() }
      try await http.loop.sleep(for: wait)
    }
  }

  private func sendOnce(
    _ call: Call, consume: ((UnsafeRawBufferPointer) throws -> Void)?
  ) async throws -> HTTPResponse {
    let authority = call.authority ?? endpoint.authority
    let headers = try await currentSigner().sign(call, authority: authority, at: .now())
    let url = "\(endpoint.scheme)://\(authority)\(call.path)" + (call.query.isEmpty ? "" : "?\(call.query)")
    var request = HTTPRequest(
      call.method, url, headers: headers, body: call.body, bodyBytesMax: Self.bodyBytesMax,
      timeout: call.timeout, stallTimeout: call.isRepeatable ? .seconds(20) : nil)
    guard let consume else { return try await http.send(request) }
    request.bodyBytesMax = .max
    request.timeout = nil
    return try await http.stream(request, consume: consume)
  }

  private func currentSigner() async throws -> Signer {
    let credentials: Credentials
    switch self.credentials {
    case .fixed(let given): credentials = given
    case .renewed(let current): credentials = try await current()
    }
    return signer.withLock { signer in
      if let signer, signer.credentials == credentials { return signer }
      let new = Signer(credentials: credentials, region: region, service: service.rawValue)
      signer = new
      return new
    }
  }

  private static func isTransient(_ result: Result<HTTPResponse, HTTPError>, of call: Call) -> Bool {
    switch result {
    case .success(let response) where response.status == 200:
      call.requiredHeader.map { response.header($0) ?? "" } == ""
    case .success(let response) where response.status < 400: false
    case .success(let response): isTransient(status: response.status) { AWSErrorBody(response).code }
    case .failure(let error): error.isTransient
    }
  }

  /// Whether an error response is transient, so that the same call may succeed later.
  /// - Parameter code: the service's error code. Evaluated only if the status alone does not decide.
  static func isTransient(status: Int, code: () -> String) -> Bool {
    status >= 500 || status == 429 || transientCodes.contains(code())
  }

  private static func serverWait(_ result: Result<HTTPResponse, HTTPError>) -> Duration? {
    guard case .success(let response) = result else { return nil }
    return RetryAfter.wait(in: response, now: .now())
  }
}
