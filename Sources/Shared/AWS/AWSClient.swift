/// Sends signed calls to one AWS service, and again while its trouble is passing.
package final class AWSClient: Sendable {
  /// Tries in all: a call that fails for good has waited 8 seconds on average, and 16 at most.
  static let retries = RetryPolicy(triesMax: 8, base: .milliseconds(200), ceiling: .seconds(5))
  /// What services call passing trouble where its status does not say so (as botocore's standard retries have it, and
  /// S3's "another conditional request is under way").
  private static let passingCodes: Set<String> = [
    "ConditionalRequestConflict", "RequestThrottled", "RequestThrottledException", "RequestTimeout",
    "RequestTimeoutException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
    "TooManyRequestsException",
  ]
  /// The largest answer that is not streamed: a data file that is gone on with.
  static let bodyBytesMax = 64 << 20

  /// A call, before it is signed.
  struct Call {
    var method: HTTPRequest.Method
    /// Percent-encoded, as it is sent.
    var path: String
    /// Percent-encoded and joined by `&`.
    var query = ""
    var headers: [HTTPHeader] = []
    var body = HTTPBody.empty
    /// Of the body, lowercase hexadecimal.
    var payloadHash = AWSClient.emptyHash
    /// The host where it is not the endpoint's own: a bucket's.
    var authority: String?
    var timeout: Duration = .seconds(60)
    /// Whether a call that broke off may be sent again: not where it would do its work twice.
    var isRepeatable = true
    /// Names the call in errors: `GET s3://lake/Raw/movies.csv`.
    var name: String
  }

  static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  let http: HTTPClient
  let endpoint: AWSEndpoint
  private let signer: Signer

  package init(
    _ service: AWSEndpoint.Service, http: HTTPClient, credentials: Credentials, region: String,
    environment: [String: String]
  ) throws {
    self.http = http
    endpoint = try AWSEndpoint(service, region: region, environment: environment)
    signer = Signer(credentials: credentials, region: region, service: service.rawValue)
  }

  /// Sends a call until it is answered with anything but a passing trouble.
  /// - Throws: `HTTPError` when there was no answer at the last try.
  func send(_ call: Call) async throws -> HTTPResponse { try await perform(call, consume: nil) }

  /// Sends a GET and streams its 200's body. Tried again only while nothing has been handed over.
  func stream(
    _ call: Call, consume: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) async throws -> HTTPResponse {
    try await perform(call, consume: consume)
  }

  private func perform(
    _ call: Call, consume: ((UnsafeRawBufferPointer) throws -> Void)?
  ) async throws -> HTTPResponse {
    var tries = 0
    while true {
      tries += 1
      var hasBegun = false
      let result: Result<HTTPResponse, HTTPError>
      do {
        result = .success(
          try await once(
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
      guard call.isRepeatable, Self.isPassing(result), !hasBegun,
        let wait = Self.retries.wait(
          afterTries: tries, serverWait: Self.serverWait(result), random: .random(in: 0..<1))
      else { return try result.get() }
      try await http.loop.sleep(for: wait)
    }
  }

  private func once(
    _ call: Call, consume: ((UnsafeRawBufferPointer) throws -> Void)?
  ) async throws -> HTTPResponse {
    let authority = call.authority ?? endpoint.authority
    let headers = signer.sign(call, authority: authority, at: .now())
    let url = "\(endpoint.scheme)://\(authority)\(call.path)" + (call.query.isEmpty ? "" : "?\(call.query)")
    var request = HTTPRequest(
      call.method, url, headers: headers, body: call.body, bodyBytesMax: Self.bodyBytesMax,
      timeout: call.timeout, stallTimeout: call.isRepeatable ? .seconds(20) : nil)
    guard let consume else { return try await http.send(request) }
    request.bodyBytesMax = .max
    request.timeout = nil
    return try await http.stream(request, consume: consume)
  }

  private static func isPassing(_ result: Result<HTTPResponse, HTTPError>) -> Bool {
    switch result {
    case .success(let response) where response.status < 400: false
    case .success(let response): isPassing(status: response.status) { AWSErrorBody(response).code }
    case .failure(let error): error.isTransient
    }
  }

  /// Whether an error is one that asking again may mend.
  /// - Parameter code: the service's name for it, looked at only where the status does not say it.
  static func isPassing(status: Int, code: () -> String) -> Bool {
    status >= 500 || status == 429 || passingCodes.contains(code())
  }

  private static func serverWait(_ result: Result<HTTPResponse, HTTPError>) -> Duration? {
    guard case .success(let response) = result else { return nil }
    return RetryAfter.wait(in: response, now: .now())
  }
}
