import Synchronization

/// Signs requests by AWS Signature Version 4. Given the date, it knows neither clock nor network.
///
/// The signing key of a day is derived once, and a second's date is written once.
package final class Signer: Sendable {
  static let algorithm = "AWS4-HMAC-SHA256"

  /// What signatures of one day have in common.
  private final class Day {
    let date: String
    let scope: String
    let key: HMACKey
    /// Of canonical requests, one after the other.
    let hash = SHA256()

    init(date: String, scope: String, key: consuming HMACKey) {
      (self.date, self.scope) = (date, scope)
      self.key = key
    }
  }

  /// What the next signature can use of the one before.
  private struct Kept: ~Copyable {
    var day: Day?
    var second: Int64?
    var date = ""
  }

  let credentials: Credentials
  private let region: String
  private let service: String
  private let rules: CanonicalRequest.PathRules
  private let kept = Mutex(Kept())

  package init(credentials: Credentials, region: String, service: String) {
    self.credentials = credentials
    self.region = region
    self.service = service
    rules = service == "s3" ? .s3 : .others
  }

  init(credentials: Credentials, region: String, service: String, rules: CanonicalRequest.PathRules) {
    self.credentials = credentials
    self.region = region
    self.service = service
    self.rules = rules
  }

  /// A call's headers, with those that signing adds: Host, X-Amz-Date, X-Amz-Security-Token, X-Amz-Content-Sha256 for
  /// S3, and Authorization.
  func sign(_ call: AWSClient.Call, authority: String, at time: UnixTime) -> [HTTPHeader] {
    let date = basic(time)
    var headers: [HTTPHeader] = []
    headers.reserveCapacity(call.headers.count + 5)
    headers.append(HTTPHeader("Host", authority))
    headers.append(HTTPHeader("X-Amz-Date", date))
    headers += call.headers
    if service == "s3" { headers.append(HTTPHeader("X-Amz-Content-Sha256", call.payloadHash)) }
    if let token = credentials.sessionToken {
      headers.append(HTTPHeader("X-Amz-Security-Token", token.value))
    }
    let request = CanonicalRequest(
      method: call.method.rawValue, path: call.path, query: call.query, headers: headers,
      payloadHash: call.payloadHash, rules: rules)
    headers.append(HTTPHeader("Authorization", authorization(request, date: date)))
    return headers
  }

  /// The Authorization header's value.
  /// - Parameter date: `20130524T000000Z`.
  func authorization(_ request: CanonicalRequest, date: String) -> String {
    let (scope, signature) = kept.withLock { kept in
      let day = day(of: date, &kept)
      let text = Self.stringToSign(request, date: date, scope: day.scope, day.hash)
      return (day.scope, Hex.string(day.key.authenticate(text)))
    }
    var text: [UInt8] = []
    text.reserveCapacity(320)
    for part in [
      Self.algorithm, " Credential=", credentials.accessKeyID, "/", scope, ", SignedHeaders=",
      request.signedHeaders, ", Signature=", signature,
    ] { text.append(contentsOf: part.utf8) }
    return String(decoding: text, as: UTF8.self)
  }

  /// What the signature is of.
  func stringToSign(_ request: CanonicalRequest, date: String) -> [UInt8] {
    Self.stringToSign(request, date: date, scope: scope(date), SHA256())
  }

  func signature(of stringToSign: [UInt8], date: String) -> String {
    kept.withLock { Hex.string(day(of: date, &$0).key.authenticate(stringToSign)) }
  }

  /// Day, region and service that a signature holds for.
  func scope(_ date: String) -> String { kept.withLock { day(of: date, &$0).scope } }

  private static func stringToSign(
    _ request: CanonicalRequest, date: String, scope: String, _ hash: borrowing SHA256
  ) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(256)
    for line in [algorithm, date, scope] {
      text.append(contentsOf: line.utf8)
      text.append(UInt8(ascii: "\n"))
    }
    hash.update(request.bytes)
    Hex.append(hash.finishAndReset(), to: &text)
    return text
  }

  private func day(of date: String, _ kept: inout Kept) -> Day {
    if let day = kept.day, date.hasPrefix(day.date) { return day }
    let text = String(date.prefix(8))
    let day = Day(date: text, scope: "\(text)/\(region)/\(service)/aws4_request", key: derivedKey(text))
    kept.day = day
    return day
  }

  private func basic(_ time: UnixTime) -> String {
    kept.withLock { kept in
      let second = time.nanoseconds / 1_000_000_000
      if kept.second != second { (kept.second, kept.date) = (second, time.basic) }
      return kept.date
    }
  }

  private func derivedKey(_ day: String) -> HMACKey {
    var key = Array("AWS4\(credentials.secretAccessKey.value)".utf8)
    for part in [day, region, service, "aws4_request"] { key = HMACKey(key).authenticate(Array(part.utf8)) }
    return HMACKey(key)
  }
}
