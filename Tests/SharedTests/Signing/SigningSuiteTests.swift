import Foundation
import TestSupport
import Testing

@testable import Shared

/// A case of AWS's signing test suite, read from its files.
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
    // The query as a client sends it, with non-ASCII bytes percent-encoded. The path is encoded during signing.
    let query = target[mark...].dropFirst().map {
      $0.isASCII ? String($0) : PercentEncoding.encode(String($0))
    }
    return (method, String(target[..<mark]), query.joined(), headers, body)
  }
}

@Suite(
  "AWS signing test suite", .enabled(if: SharedData.has("sigv4/suite/v4"), "\(SharedData.missing)"))
struct SigningSuiteTests {
  @Test("the suite is complete") func count() { #expect(SigningCase.all.count >= 38) }

  @Test(
    "signing in headers gives the expected canonical request, string to sign and signature",
    arguments: SigningCase.all)
  func headers(_ signing: SigningCase) throws {
    let (context, request) = (try signing.context(), try signing.request())
    let date = Self.date(context)
    var headers = request.headers + [HTTPHeader("X-Amz-Date", date)]
    if let token = context.credentials.token, context.omitSessionToken != true {
      headers.append(HTTPHeader("X-Amz-Security-Token", token))
    }
    let hash = SHA256.hex(of: Array(request.body.utf8))
    if context.signBody { headers.append(HTTPHeader("x-amz-content-sha256", hash)) }
    var canonical = CanonicalRequest()
    canonical.write(
      method: request.method, path: request.path, query: request.query, headers: headers, payloadHash: hash,
      rules: Self.rules(context))
    let text = canonical.text.string
    #expect(text == (try signing.file("header-canonical-request.txt")))
    let common = Self.common(context)
    let stringToSign = common.stringToSign + SHA256.hex(of: Array(text.utf8))
    #expect(stringToSign == (try signing.file("header-string-to-sign.txt")))
    var buffer = TextBuffer(capacity: 512)
    let signature = Hex.string(common.signature(of: canonical, in: &buffer))
    #expect(signature == (try signing.file("header-signature.txt")))
    let authorization = common.authorization(of: canonical, in: &buffer)
    #expect(try signing.file("header-signed-request.txt").contains("\nAuthorization:\(authorization)\n"))
  }

  @Test("a signed call has the expected Authorization header", arguments: SigningCase.all)
  func call(_ signing: SigningCase) throws {
    let (context, request) = (try signing.context(), try signing.request())
    // A signer normalises every path except S3's.
    guard context.normalize else { return }
    let hash = SHA256.hex(of: Array(request.body.utf8))
    var call = AWSClient.Call(
      method: try #require(HTTPRequest.Method(rawValue: request.method)), path: request.path,
      query: request.query, headers: request.headers.filter { $0.name != "Host" }, payloadHash: hash,
      name: signing.testDescription)
    if context.signBody { call.headers.append(HTTPHeader("x-amz-content-sha256", hash)) }
    let signer = Signer(
      credentials: Self.credentials(context), region: context.region, service: context.service)
    let signed = signer.sign(
      call, authority: try #require(request.headers.first { $0.name == "Host" }).value,
      at: try #require(UnixTime(iso8601: context.timestamp)))
    let authorization = try #require(signed.last { $0.name == "Authorization" }).value
    #expect(try signing.file("header-signed-request.txt").contains("\nAuthorization:\(authorization)\n"))
  }

  @Test(
    "signing in the query gives the expected canonical request, string to sign and signature",
    arguments: SigningCase.all)
  func query(_ signing: SigningCase) throws {
    let (context, request) = (try signing.context(), try signing.request())
    let date = Self.date(context)
    let common = Self.common(context)
    let names = Set(request.headers.map { $0.name.lowercased() }).sorted().joined(separator: ";")
    var fields = [
      ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
      ("X-Amz-Credential", "\(context.credentials.accessKeyId)/\(common.scope)"),
      ("X-Amz-Date", date),
      ("X-Amz-SignedHeaders", names), ("X-Amz-Expires", "\(context.expirationInSeconds)"),
    ]
    if let token = context.credentials.token, context.omitSessionToken != true {
      fields.append(("X-Amz-Security-Token", token))
    }
    let added = fields.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    var canonical = CanonicalRequest()
    canonical.write(
      method: request.method, path: request.path,
      query: [request.query, added].filter { !$0.isEmpty }.joined(separator: "&"), headers: request.headers,
      payloadHash: SHA256.hex(of: Array(request.body.utf8)), rules: Self.rules(context))
    let text = canonical.text.string
    #expect(text == (try signing.file("query-canonical-request.txt")))
    let stringToSign = common.stringToSign + SHA256.hex(of: Array(text.utf8))
    #expect(stringToSign == (try signing.file("query-string-to-sign.txt")))
    var buffer = TextBuffer(capacity: 512)
    let signature = Hex.string(common.signature(of: canonical, in: &buffer))
    #expect(signature == (try signing.file("query-signature.txt")))
  }

  private static func date(_ context: SigningCase.Context) -> String {
    context.timestamp.filter { $0 != "-" && $0 != ":" }
  }

  private static func rules(_ context: SigningCase.Context) -> CanonicalRequest.PathRules {
    CanonicalRequest.PathRules(isNormalised: context.normalize, isEncodedTwice: true)
  }

  private static func credentials(_ context: SigningCase.Context) -> Credentials {
    let token = context.omitSessionToken == true ? nil : context.credentials.token
    return Credentials(
      accessKeyID: context.credentials.accessKeyId,
      secretAccessKey: Secret(context.credentials.secretAccessKey), sessionToken: token.map { Secret($0) })
  }

  private static func common(_ context: SigningCase.Context) -> SigningContext {
    SigningContext(
      date: date(context), region: context.region, service: context.service,
      credentials: credentials(context), after: nil)
  }
}
