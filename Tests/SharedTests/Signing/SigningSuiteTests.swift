import Foundation
import TestSupport
import Testing

@testable import Shared

/// A case of AWS's signing test suite, as its files have it.
struct SigningCase: Sendable, CustomTestStringConvertible {
  let folder: URL

  static let all: [SigningCase] = {
    guard let suite = SharedData.folder?.appending(path: "sigv4/suite/v4") else { return [] }
    let folders = try? FileManager.default.contentsOfDirectory(at: suite, includingPropertiesForKeys: nil)
    return (folders ?? []).sorted { $0.path < $1.path }.map(SigningCase.init)
  }()

  var testDescription: String { folder.lastPathComponent }

  func file(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  struct Context: Decodable {
    struct Keys: Decodable {
      let accessKeyId: String
      let secretAccessKey: String
      let token: String?
    }
    let credentials: Keys
    let expirationInSeconds: Int
    let normalize: Bool
    let region: String
    let service: String
    let signBody: Bool
    let timestamp: String
    let omitSessionToken: Bool?
  }

  func context() throws -> Context {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Context.self, from: Data(contentsOf: folder.appending(path: "context.json")))
  }

  /// Method, path, query, headers and body of `request.txt`.
  func request() throws -> (method: String, path: String, query: String, headers: [HTTPHeader], body: String)
  {
    let text = try file("request.txt")
    let split = text.range(of: "\n\n")
    let head = split.map { String(text[..<$0.lowerBound]) } ?? text.trimmingCharacters(in: .newlines)
    let body = split.map { String(text[$0.upperBound...]) } ?? ""
    var lines = head.components(separatedBy: "\n")
    let first = lines.removeFirst()
    let method = String(first.prefix { $0 != " " })
    let target = first.dropFirst(method.count + 1).dropLast(" HTTP/1.1".count)
    let mark = target.firstIndex(of: "?") ?? target.endIndex
    var headers: [HTTPHeader] = []
    for line in lines {
      if line.hasPrefix(" "), let last = headers.popLast() {
        headers.append(HTTPHeader(last.name, last.value + "\n" + line))
      } else if let colon = line.firstIndex(of: ":") {
        headers.append(HTTPHeader(String(line[..<colon]), String(line[line.index(after: colon)...])))
      }
    }
    // The query as a client sends it: bytes beyond ASCII encoded. The path is encoded by signing it.
    let query = target[mark...].dropFirst().map {
      $0.isASCII ? String($0) : PercentEncoding.encode(String($0))
    }
    return (method, String(target[..<mark]), query.joined(), headers, body)
  }
}

@Suite(
  "AWS's signing test suite", .enabled(if: SharedData.has("sigv4/suite/v4"), "\(SharedData.missing)"))
struct SigningSuiteTests {
  @Test("all of its cases are here") func count() { #expect(SigningCase.all.count >= 38) }

  @Test("signed in headers: canonical request, string to sign, signature", arguments: SigningCase.all)
  func headers(_ signing: SigningCase) throws {
    let (context, request) = (try signing.context(), try signing.request())
    let date = Self.date(context)
    var headers = request.headers + [HTTPHeader("X-Amz-Date", date)]
    if let token = context.credentials.token, context.omitSessionToken != true {
      headers.append(HTTPHeader("X-Amz-Security-Token", token))
    }
    let hash = SHA256.hex(of: Array(request.body.utf8))
    if context.signBody { headers.append(HTTPHeader("x-amz-content-sha256", hash)) }
    let signer = Self.signer(context)
    let canonical = CanonicalRequest(
      method: request.method, path: request.path, query: request.query, headers: headers, payloadHash: hash,
      rules: Self.rules(context))
    #expect(
      String(decoding: canonical.bytes, as: UTF8.self) == (try signing.file("header-canonical-request.txt")))
    let stringToSign = signer.stringToSign(canonical, date: date)
    #expect(String(decoding: stringToSign, as: UTF8.self) == (try signing.file("header-string-to-sign.txt")))
    #expect(signer.signature(of: stringToSign, date: date) == (try signing.file("header-signature.txt")))
    #expect(
      try signing.file("header-signed-request.txt")
        .contains("\nAuthorization:\(signer.authorization(canonical, date: date))\n"))
  }

  @Test("signed in the query: canonical request, string to sign, signature", arguments: SigningCase.all)
  func query(_ signing: SigningCase) throws {
    let (context, request) = (try signing.context(), try signing.request())
    let date = Self.date(context)
    let signer = Self.signer(context)
    let names = Set(request.headers.map { $0.name.lowercased() }).sorted().joined(separator: ";")
    var fields = [
      ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
      ("X-Amz-Credential", "\(context.credentials.accessKeyId)/\(signer.scope(date))"),
      ("X-Amz-Date", date),
      ("X-Amz-SignedHeaders", names), ("X-Amz-Expires", "\(context.expirationInSeconds)"),
    ]
    if let token = context.credentials.token, context.omitSessionToken != true {
      fields.append(("X-Amz-Security-Token", token))
    }
    let added = fields.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    let canonical = CanonicalRequest(
      method: request.method, path: request.path,
      query: [request.query, added].filter { !$0.isEmpty }.joined(separator: "&"), headers: request.headers,
      payloadHash: SHA256.hex(of: Array(request.body.utf8)), rules: Self.rules(context))
    #expect(
      String(decoding: canonical.bytes, as: UTF8.self) == (try signing.file("query-canonical-request.txt")))
    let stringToSign = signer.stringToSign(canonical, date: date)
    #expect(String(decoding: stringToSign, as: UTF8.self) == (try signing.file("query-string-to-sign.txt")))
    #expect(signer.signature(of: stringToSign, date: date) == (try signing.file("query-signature.txt")))
  }

  private static func date(_ context: SigningCase.Context) -> String {
    context.timestamp.filter { $0 != "-" && $0 != ":" }
  }

  private static func rules(_ context: SigningCase.Context) -> CanonicalRequest.PathRules {
    CanonicalRequest.PathRules(isNormalised: context.normalize, isEncodedAgain: true)
  }

  private static func signer(_ context: SigningCase.Context) -> Signer {
    Signer(
      credentials: Credentials(
        accessKeyID: context.credentials.accessKeyId,
        secretAccessKey: Secret(context.credentials.secretAccessKey), sessionToken: nil),
      region: context.region, service: context.service, rules: rules(context))
  }
}
