import Testing

@testable import Shared

@Suite("Signer") struct SignerTests {
  @Test("what it keeps of one signature changes no other, seconds and days apart, forth and back")
  func kept() throws {
    let times = try ["2026-11-25T23:59:58Z", "2026-11-25T23:59:59Z", "2026-11-26T00:00:00Z"].map {
      try #require(UnixTime(iso8601: $0))
    }
    let call = AWSClient.Call(method: .get, path: "/lake/a", name: "GET")
    let kept = Self.signer()
    for time in times + times.reversed() + [times[2], times[0]] {
      let signed = kept.sign(call, authority: "s3.test", at: time)
      #expect(signed == Self.signer().sign(call, authority: "s3.test", at: time))
      #expect(signed.contains(HTTPHeader("X-Amz-Date", time.basic)))
      #expect(signed.last?.value.contains("/\(time.basic.prefix(8))/us-east-1/s3/aws4_request") == true)
    }
  }

  private static func signer() -> Signer {
    let credentials = Credentials(
      accessKeyID: "AKIATEST", secretAccessKey: Secret("secret"), sessionToken: nil)
    return Signer(credentials: credentials, region: "us-east-1", service: "s3")
  }
}
