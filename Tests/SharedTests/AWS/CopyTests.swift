import TestSupport
import Testing

@testable import Shared

/// S3 can send an error in the body of a 200 to a copy (CopyObject documentation).
@Suite("A copy within S3") struct CopyTests {
  private static let source = ObjectAddress(bucket: "lake", key: "a b/é+%.json")
  private static let target = ObjectAddress(bucket: "lake", key: "copy")
  private static let result = "<CopyObjectResult><ETag>\"1\"</ETag></CopyObjectResult>"

  private static func copy(_ status: Int, _ body: String) throws -> Bool {
    let text =
      "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    let server = try FixedReplyServer(reply: Array(text.utf8))
    defer { server.stop() }
    let environment = [
      "AWS_ENDPOINT_URL": "http://127.0.0.1:\(server.port)", "AWS_REGION": "us-east-1",
      "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
    ]
    return try EventLoop.run { loop in
      try await AWSServices(http: HTTPClient(loop: loop), environment: environment).s3.copy(
        source, to: target)
    }
  }

  @Test("is there when S3 returns the ETag of the copy") func copied() throws {
    #expect(try Self.copy(200, Self.result))
  }

  @Test("of an object that does not exist is no error") func missing() throws {
    #expect(try Self.copy(404, "<Error><Code>NoSuchKey</Code></Error>") == false)
  }

  @Test(
    "fails when S3 refuses it, also in the body of a 200",
    arguments: [
      (403, "<Error><Code>AccessDenied</Code></Error>"), (404, "<Error><Code>NoSuchBucket</Code></Error>"),
      (200, "<Error><Code>InternalError</Code></Error>"), (200, ""), (200, "{}"),
    ])
  func failed(status: Int, body: String) throws {
    let error = #expect(throws: AWSServiceError.self) { try Self.copy(status, body) }
    #expect(
      error?.description.contains("COPY s3://lake/a b/é+%.json to s3://lake/copy") == true, "\(error as Any)")
  }
}
