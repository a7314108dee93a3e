import Foundation
import TestSupport
import Testing

@testable import Shared

/// Signatures of random requests, compared with those of botocore. Unlike AWS's test suite, botocore is installed by
/// `make test`.
///
/// Botocore differs from the signer in two ways that these requests avoid. It drops the slash after a dot segment at the
/// end of a path, which RFC 3986 keeps; and it signs an empty pair of a query (`a=1&&b=2`) as "=".
@Suite(
  "Signatures of botocore", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct BotocoreTests {
  private struct Expected: Decodable {
    let path: String
    let query: String
    let canonicalRequest: String
    let authorization: String
  }

  /// Each identity signs its requests with one signer, so that its cached state is tested as well.
  @Test("5,000 random requests to S3 and to other services are encoded and signed as by botocore")
  func random() throws {
    var random = SeededRandom(seed: RandomSeed.value)
    let identities = (0..<25).map { SigningIdentity($0, &random) }
    let requests = identities.flatMap { identity in
      (0..<200).map { _ in RandomAWSRequest(identity, &random) }
    }.shuffled(using: &random)
    let expected: [Expected] = try PythonProgram.run("sign_requests.py", input: requests)
    #expect(expected.count == requests.count)

    let signers = Dictionary(grouping: identities, by: \.accessKeyID).compactMapValues { $0.first?.signer() }
    var differences: [String] = []
    for (request, expected) in zip(requests, expected) {
      let signer = try #require(signers[request.accessKeyID])
      let call = try request.call()
      let signed = signer.sign(call, authority: request.authority, at: UnixTime(seconds: request.seconds))
      let authorization = signed.last { $0.name == "Authorization" }?.value
      if (call.path, call.query, authorization) != (expected.path, expected.query, expected.authorization) {
        differences.append("\(request), canonical request: \(expected.canonicalRequest)")
      }
    }
    #expect(
      differences.isEmpty,
      "seed \(RandomSeed.value): \(differences.count) differ: \(differences.prefix(3).joined(separator: "\n"))"
    )
    // The requests have what makes signing difficult.
    for (part, count) in [("//", 100), ("/../", 100), ("%", 100), ("é", 100), (" ", 100)] {
      #expect(requests.count { $0.path.contains(part) } > count, "\(part)")
    }
    for service in ["s3", "lambda"] { #expect(requests.count { $0.service == service } > 500) }
    #expect(requests.contains { $0.sessionToken != nil } && requests.contains { $0.sessionToken == nil })
    #expect(requests.count { Set($0.pairs.map { $0[0] }).count < $0.pairs.count } > 100)
  }

  @Test(
    "a path that ends in a dot segment is signed with a slash at its end, as RFC 3986 resolves it",
    arguments: [("/a/.", "/a/"), ("/a/b/..", "/a/"), ("/..", "/"), ("/a/..", "/"), ("//a//b/./..", "/a/")])
  func dotSegments(path: String, resolved: String) {
    let identity = SigningIdentity(service: "lambda")
    func authorization(_ path: String) -> HTTPHeader? {
      let call = AWSClient.Call(method: .get, path: path, name: "GET")
      return identity.signer().sign(call, authority: "aws.test", at: UnixTime(seconds: 0)).last
    }
    #expect(authorization(path) == authorization(resolved))
    #expect(authorization(path) != authorization(resolved + "x"))
  }
}
