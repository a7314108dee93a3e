import Foundation
import TestSupport
import Testing

@testable import Shared

/// The keys, service and region of a random request.
struct SigningIdentity {
  let service: String
  var region = "us-east-1"
  var accessKeyID = "AKIDEXAMPLE"
  var secretAccessKey = "secret"
  var sessionToken: String?

  init(service: String) { self.service = service }

  init(_ number: Int, _ random: inout SeededRandom) {
    service = ["s3", "s3", "lambda", "secretsmanager", "execute-api"][number % 5]
    region = random.element(of: ["us-east-1", "sa-east-1", "cn-north-1", "us-gov-west-1"])
    accessKeyID = "AKID\(number)" + random.text(of: ["A", "Z", "7"], 0...16)
    secretAccessKey = random.text(of: ["a", "Z", "7", "/", "+", "="], 1...80)
    sessionToken = number % 2 == 0 ? nil : random.text(of: ["a", "Z", "7", "/", "+", "=", "%"], 1...1500)
  }

  func signer() -> Signer {
    let credentials = Credentials(
      accessKeyID: accessKeyID, secretAccessKey: Secret(secretAccessKey),
      sessionToken: sessionToken.map { Secret($0) })
    return Signer(credentials: credentials, region: region, service: service)
  }
}

/// A random request to an AWS service, in the form that sign_requests.py reads.
struct RandomAWSRequest: Encodable {
  let service, region, accessKeyID, secretAccessKey: String
  let sessionToken: String?
  /// The time of the request, in seconds since 1970.
  let seconds: Int64
  let method, authority: String
  /// Whether `path` and `query` are sent as they are. Otherwise `path` and `pairs` are encoded first.
  let isSent: Bool
  let path: String
  /// Names and values.
  let pairs: [[String]]
  let query: String
  let headers: [[String]]
  let body: String

  init(_ identity: SigningIdentity, _ random: inout SeededRandom) {
    (service, region) = (identity.service, identity.region)
    (accessKeyID, secretAccessKey) = (identity.accessKeyID, identity.secretAccessKey)
    sessionToken = identity.sessionToken
    // Within three days, so that a signer's cached state is used, replaced and used again.
    seconds = 1_795_489_200 + .random(in: 0...random.element(of: [1, 1000, 259_200]), using: &random)
    method = random.element(of: ["GET", "PUT", "POST", "HEAD", "DELETE"])
    authority = random.element(of: ["lake.s3.amazonaws.com", "127.0.0.1:4566", "[::1]:8080", "a-b.test"])
    isSent = Bool.random(using: &random)
    path = Self.path(isSent: isSent, service: service, &random)
    pairs = Self.pairs(&random)
    query = Self.query(&random)
    headers = Self.headers(&random)
    body = Bool.random(using: &random) ? "" : random.text(of: ["{}", "é", "\n", "a", "\u{0}"], 1...20)
  }

  /// The call that the code under test makes of it.
  func call() throws -> AWSClient.Call {
    let encoded = pairs.map { $0.map { PercentEncoding.encode($0) }.joined(separator: "=") }
    return AWSClient.Call(
      method: try #require(HTTPRequest.Method(rawValue: method)),
      path: isSent ? path : PercentEncoding.encodePath(path),
      query: isSent ? query : encoded.joined(separator: "&"),
      headers: headers.map { HTTPHeader($0[0], $0[1]) }, payloadHash: SHA256.hex(of: Array(body.utf8)),
      name: method)
  }

  private static func path(isSent: Bool, service: String, _ random: inout SeededRandom) -> String {
    var pieces = [
      "a", "Zz9", "-_.~", "é", "日本", "𝄞", "e\u{301}", " ", "%", "%2F", "%2f", "%zz", "+", "=", "&", ":", "@",
      "*", "(", "'", "!", ";", ",", "$", "\\", "\"", "<", "[", "|", "^", "`", "{", "\u{7F}", "/", "//", "/./",
      "/../", "/.../", "/.a/", "..", ".", String(repeating: "long/", count: 60),
    ]
    // A URL has no such bytes.
    if !isSent { pieces += ["?", "#", "\n", "\t", "\u{1}"] }
    let path = "/" + random.text(of: pieces, 0...8)
    let last = path.split(separator: "/", omittingEmptySubsequences: false).last
    return service != "s3" && (last == "." || last == "..") ? path + "x" : path
  }

  private static func pairs(_ random: inout SeededRandom) -> [[String]] {
    let pieces = [
      "a", "b", "B", "prefix", "list-type", "é", "日本", " ", "%", "%41", "+", "=", "&", "/", "?", "#", "~",
      "*",
      "-", "_", ".", "\n", "AKID/20261124/us-east-1/s3/aws4_request",
    ]
    return (0..<Int.random(in: 0...6, using: &random)).map { _ in
      [random.text(of: pieces, 1...2), random.text(of: pieces, 0...3)]
    }
  }

  /// A query as it is sent, with pairs that lack a value or an equals sign.
  private static func query(_ random: inout SeededRandom) -> String {
    let pieces = ["a", "b", "A", "%20", "%2f", "%2F", "%", "+", "=", "é", "~", "*", ":", "/", "'", "-", "9"]
    let pairs = (0..<Int.random(in: 0...6, using: &random)).map { _ in random.text(of: pieces, 1...5) }
    return pairs.joined(separator: "&")
  }

  /// Headers with repeated names in different cases, and values with blanks of all kinds.
  private static func headers(_ random: inout SeededRandom) -> [[String]] {
    let names = [
      "Content-Type", "X-Amz-Meta-a", "x-amz-meta-A", "If-Match", "x-amz-date2", "x-amz", "b", "B", "zz",
      "x-amz-copy-source", "x_y", "Range",
    ]
    let pieces = ["a", "Z", " ", "  ", "\t", "é", "日本", ",", ";", ":", "\"", "=", "%20", "\n "]
    return (0..<Int.random(in: 0...8, using: &random)).map { _ in
      [random.element(of: names), random.text(of: pieces, 0...6)]
    }
  }
}

extension SeededRandom {
  fileprivate mutating func element<Value>(of values: [Value]) -> Value {
    values[Int.random(in: values.indices, using: &self)]
  }

  /// Random pieces joined to a text.
  fileprivate mutating func text(of pieces: [String], _ count: ClosedRange<Int>) -> String {
    (0..<Int.random(in: count, using: &self)).map { _ in element(of: pieces) }.joined()
  }
}
