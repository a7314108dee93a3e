import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite(
  "S3's worked examples", .enabled(if: SharedData.has("sigv4/s3-examples.json"), "\(SharedData.missing)"))
struct S3ExamplesTests {
  struct File: Decodable {
    struct Example: Decodable {
      let name: String
      let method: String
      let canonical_uri: String
      let canonical_query: String
      let headers: [String: String]
      let payload_sha256: String
      let canonical_request: String
      let string_to_sign: String
      let signature: String
      let authorization: String?
    }
    let access_key: String
    let secret_key: String
    let region: String
    let service: String
    let amz_date: String
    let examples: [Example]
  }

  @Test("canonical request, string to sign and signature of each")
  func examples() throws {
    let folder = try #require(SharedData.folder)
    let file = try JSONDecoder().decode(
      File.self, from: Data(contentsOf: folder.appending(path: "sigv4/s3-examples.json")))
    #expect(file.examples.count >= 2)
    let signer = Signer(
      credentials: Credentials(
        accessKeyID: file.access_key, secretAccessKey: Secret(file.secret_key), sessionToken: nil),
      region: file.region, service: file.service)
    for example in file.examples {
      let request = CanonicalRequest(
        method: example.method, path: example.canonical_uri, query: example.canonical_query,
        headers: example.headers.map { HTTPHeader($0.key, $0.value) }, payloadHash: example.payload_sha256,
        rules: .s3)
      #expect(String(decoding: request.bytes, as: UTF8.self) == example.canonical_request, "\(example.name)")
      let stringToSign = signer.stringToSign(request, date: file.amz_date)
      #expect(stringToSign == example.string_to_sign, "\(example.name)")
      #expect(signer.signature(of: stringToSign, date: file.amz_date) == example.signature, "\(example.name)")
    }
  }
}
