import Synchronization
import TestSupport
import Testing

@testable import Shared

/// Transient and permanent error responses of AWS services.
@Suite("AWS errors") struct AWSErrorTests {
  /// Calls services on a server that sends one response first and another one from then on.
  private static func call<Value: Sendable>(
    first: ScriptedServer.Script, then: ScriptedServer.Script,
    _ body: @escaping @Sendable (AWSServices) async throws -> Value
  ) throws -> (value: Result<Value, any Error>, requests: [String]) {
    let hasResponded = Mutex(false)
    let server = try ScriptedServer(
      .choose { _ in
        hasResponded.withLock { hasResponded in
          defer { hasResponded = true }
          return hasResponded ? then : first
        }
      })
    defer { server.stop() }
    let environment = [
      "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key",
      "AWS_SECRET_ACCESS_KEY": "secret",
    ]
    let value = try EventLoop.run { loop -> Result<Value, any Error> in
      let services = try AWSServices(http: HTTPClient(loop: loop), environment: environment)
      do { return .success(try await body(services)) } catch { return .failure(error) }
    }
    return (value, server.requests.map { String(decoding: $0, as: UTF8.self) })
  }

  private static func s3Error(_ code: String, status: Int) -> ScriptedServer.Script {
    .json("<Error><Code>\(code)</Code><Message>It is so</Message></Error>", status: status)
  }

  private static let film = ObjectAddress(bucket: "lake", key: "film")

  /// The codes are among those that botocore's standard retry mode retries.
  @Test(
    "a transient error is retried, whatever its status",
    arguments: [
      ("RequestTimeout", 400), ("SlowDown", 503), ("InternalError", 500), ("Throttling", 400),
    ])
  func transient(code: String, status: Int) throws {
    let (value, requests) = try Self.call(first: Self.s3Error(code, status: status), then: .json("ok")) {
      try await $0.s3.get(Self.film)
    }
    #expect(try value.get() == Array("ok".utf8))
    #expect(requests.count == 2)
  }

  @Test("a throttled request for a secret is retried")
  func secret() throws {
    let (value, requests) = try Self.call(
      first: .json(#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#, status: 400),
      then: .json(#"{"SecretString":"token"}"#)
    ) { try await $0.secrets.value(of: "name") != nil }
    #expect(try value.get())
    #expect(requests.count == 2)
  }

  @Test("a permanent error is not retried, and its message says what to do")
  func permanent() throws {
    let denied = Self.s3Error("AccessDenied", status: 403)
    let (value, requests) = try Self.call(first: denied, then: denied) { try await $0.s3.get(Self.film) }
    let error = #expect(throws: AWSServiceError.self) { try value.get() }
    #expect(error?.isTransient == false && requests.count == 1)
    #expect(error?.description.contains("KMS key") == true, "\(String(describing: error))")
  }

  @Test("if HEAD of a source is refused, a GET of one byte follows, whose error body says why")
  func refusedSource() throws {
    let (value, requests) = try Self.call(
      first: .json("", status: 403), then: Self.s3Error("AccessDenied", status: 403)
    ) { try await $0.s3.stream(Self.film) { _ in } }
    let error = #expect(throws: AWSServiceError.self) { try value.get() }
    #expect(error?.code == "AccessDenied" && requests.count == 2)
    #expect(requests.last?.lowercased().contains("\r\nrange: bytes=0-0\r\n") == true)
  }

  @Test("a throttled synchronous Invoke is not retried, and its error mentions the concurrency")
  func throttledInvoke() throws {
    let throttled = ScriptedServer.Script.json(
      #"{"Type":"User","message":"Rate Exceeded."}"#, status: 429, headers: "Retry-After: 0\r\n")
    let (value, requests) = try Self.call(first: throttled, then: throttled) {
      try await $0.lambda.invoke("worker", event: [])
    }
    let error = #expect(throws: AWSServiceError.self) { _ = try value.get() }
    #expect(error?.isTransient == true && requests.count == 1)
    #expect(error?.description.contains("concurrency") == true, "\(String(describing: error))")
  }
}
