import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite(
  "S3 signing examples", .enabled(if: SharedData.has("sigv4/s3-examples.json"), "\(SharedData.missing)"))
struct S3ExamplesTests {
  struct File: Decodable {
    struct Example: Decodable {
      let name: String
      let method: String
      let canonicalUri: String
      let canonicalQuery: String
      let headers: [String: String]
      let payloadSha256: String
      let canonicalRequest: String
      let stringToSign: String
      let signature: String
      let authorization: String?
    }
    let accessKey: String
    let secretKey: String
    let region: String
    let service: String
    let amzDate: String
    let examples: [Example]
  }

  @Test("canonical request, string to sign and signature match each example")
  func examples() throws {
    let folder = try #require(SharedData.folder)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let file = try decoder.decode(
      File.self, from: Data(contentsOf: folder.appending(path: "sigv4/s3-examples.json")))
    #expect(file.examples.count >= 2)
    let context = SigningContext(
      date: file.amzDate, region: file.region, service: file.service,
      credentials: Credentials(
        accessKeyID: file.accessKey, secretAccessKey: Secret(file.secretKey), sessionToken: nil),
      after: nil)
    var request = CanonicalRequest()
    var text = TextBuffer(capacity: 512)
    for example in file.examples {
      request.write(
        method: example.method, path: example.canonicalUri, query: example.canonicalQuery,
        headers: example.headers.map { HTTPHeader($0.key, $0.value) }, payloadHash: example.payloadSha256,
        rules: .s3)
      let canonical = request.text.string
      #expect(canonical == example.canonicalRequest, "\(example.name)")
      let stringToSign = context.stringToSign + SHA256.hex(of: Array(canonical.utf8))
      #expect(stringToSign == example.stringToSign, "\(example.name)")
      let signature = Hex.string(context.signature(of: request, in: &text))
      #expect(signature == example.signature, "\(example.name)")
    }
  }
}
