import Testing

@testable import Shared

@Suite("Signer") struct SignerTests {
  /// Calls shorter and longer than the signer's initial buffers, with repeated header names, blanks, queries and
  /// different paths.
  private static let calls = [
    AWSClient.Call(method: .get, path: "/lake/a", name: "GET"),
    AWSClient.Call(
      method: .put, path: "/lake/" + String(repeating: "long/", count: 400), query: "b=2&a&b=1",
      headers: (0..<40).map { HTTPHeader("X-Amz-Meta-\($0 % 25)", String(repeating: "v", count: $0)) },
      payloadHash: String(repeating: "0", count: 64), name: "PUT"),
    AWSClient.Call(
      method: .delete, path: "",
      headers: [HTTPHeader("b", " x  y "), HTTPHeader("a", ""), HTTPHeader("B", "z")], name: "DELETE"),
  ]

  @Test(
    "a signer's cached state changes no signature: long and short calls, seconds and days apart, in both orders",
    arguments: ["s3", "lambda"])
  func caching(service: String) throws {
    let times = try Self.times()
    let signer = Self.signer(service)
    for time in times + times.reversed() + [times[2], times[0]] {
      for call in Self.calls + Self.calls.reversed() {
        let signed = signer.sign(call, authority: "aws.test", at: time)
        #expect(signed == Self.signer(service).sign(call, authority: "aws.test", at: time))
        #expect(signed.contains(HTTPHeader("X-Amz-Date", time.basic)))
        let scope = "/\(time.basic.prefix(8))/us-east-1/\(service)/aws4_request, "
        #expect(signed.last?.value.contains(scope) == true)
      }
    }
  }

  @Test("tasks that share a signer get the same signatures as with a signer of their own")
  func shared() async throws {
    let (times, signer) = (try Self.times(), Self.signer("s3"))
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          let (call, time) = (Self.calls[task % 3], times[task % 2])
          let alone = Self.signer("s3").sign(call, authority: "aws.test", at: time)
          for _ in 0..<500 { #expect(signer.sign(call, authority: "aws.test", at: time) == alone) }
        }
      }
    }
  }

  private static func times() throws -> [UnixTime] {
    try ["2026-11-25T23:59:58Z", "2026-11-25T23:59:59Z", "2026-11-26T00:00:00Z"].map {
      try #require(UnixTime(iso8601: $0))
    }
  }

  private static func signer(_ service: String) -> Signer {
    let credentials = Credentials(
      accessKeyID: "AKIATEST", secretAccessKey: Secret("secret"), sessionToken: Secret("token"))
    return Signer(credentials: credentials, region: "us-east-1", service: service)
  }
}
