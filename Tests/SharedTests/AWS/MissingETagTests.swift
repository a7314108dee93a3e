import Synchronization
import TestSupport
import Testing

@testable import Shared

/// S3 sends an ETag with every object that it has written. A 200 without one comes from something else.
@Suite("A PUT without an ETag in its response") struct MissingETagTests {
  private static let film = ObjectAddress(bucket: "lake", key: "film")
  private static let conditions: [S3Client.Condition] = [.none, .isNew, .isUnchanged(etag: "\"1\"")]

  /// Sends a PUT to a server whose first responses are the given ones and whose last one is repeated.
  private static func put(
    _ condition: S3Client.Condition, _ responses: [ScriptedServer.Script]
  ) throws -> (etag: Result<String?, any Error>, requests: Int) {
    let sent = Mutex(0)
    let server = try ScriptedServer(
      .choose { _ in
        sent.withLock { sent in
          defer { sent += 1 }
          return responses[min(sent, responses.count - 1)]
        }
      })
    defer { server.stop() }
    let environment = [
      "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key",
      "AWS_SECRET_ACCESS_KEY": "secret",
    ]
    let etag = try EventLoop.run { loop -> Result<String?, any Error> in
      let s3 = try AWSServices(http: HTTPClient(loop: loop), environment: environment).s3
      do {
        return .success(
          try await s3.put(
            film, HTTPBody([7]), sha256: SHA256.hex(of: [7]), contentType: "text/plain", condition: condition)
        )
      } catch { return .failure(error) }
    }
    return (etag, server.requests.count)
  }

  @Test("is retried, and the ETag of the next response counts", arguments: conditions)
  func retried(condition: S3Client.Condition) throws {
    for headers in ["", "ETag:\r\n"] {
      let (etag, requests) = try Self.put(
        condition, [.json("", headers: headers), .json("", headers: "ETag: \"2\"\r\n")])
      #expect(try etag.get() == "\"2\"", "\(etag)")
      #expect(requests == 2)
    }
  }

  @Test("fails after all attempts, as a temporary error that names the object", arguments: conditions)
  func failing(condition: S3Client.Condition) throws {
    // Retry-After shortens the waits between the attempts.
    let (etag, requests) = try Self.put(condition, [.json("", headers: "Retry-After: 0\r\n")])
    let error = #expect(throws: AWSServiceError.self) { _ = try etag.get() }
    #expect(requests == AWSClient.retries.attemptsMax)
    #expect(error?.isTransient == true && error?.errorType == "IncompleteResponse")
    let text = error?.description ?? ""
    #expect(
      text.hasPrefix("PUT s3://lake/film: IncompleteResponse: the response has no ETag (200). "), "\(text)")
    #expect(text.contains("may not be written"))
  }

  @Test("a condition on an empty ETag is refused, because libcurl would send the PUT without a condition")
  func emptyCondition() throws {
    let (etag, requests) = try Self.put(.isUnchanged(etag: ""), [.json("", headers: "ETag: \"2\"\r\n")])
    #expect(throws: AWSServiceError.self) { _ = try etag.get() }
    #expect(requests == 0)
  }

  @Test("a condition that is not met is no error") func notMet() throws {
    let (etag, requests) = try Self.put(.isNew, [.json("", status: 412)])
    #expect(try etag.get() == nil)
    #expect(requests == 1)
  }
}
