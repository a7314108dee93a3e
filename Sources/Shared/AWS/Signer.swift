import Synchronization

/// Signs requests by AWS Signature Version 4. Given the date, it knows neither clock nor network.
///
/// The signing key of a day is derived once.
package final class Signer: Sendable {
  static let algorithm = "AWS4-HMAC-SHA256"

  private struct DayKey: ~Copyable {
    let date: String
    let key: HMACKey
  }

  let credentials: Credentials
  private let region: String
  private let service: String
  private let rules: CanonicalRequest.PathRules
  private let dayKey = Mutex<DayKey?>(nil)

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
    let date = time.basic
    var headers = [HTTPHeader("Host", authority), HTTPHeader("X-Amz-Date", date)] + call.headers
    if service == "s3" { headers.append(HTTPHeader("X-Amz-Content-Sha256", call.payloadHash)) }
    if let token = credentials.sessionToken {
      headers.append(HTTPHeader("X-Amz-Security-Token", token.value))
    }
    let request = CanonicalRequest(
      method: call.method.rawValue, path: call.path, query: call.query, headers: headers,
      payloadHash: call.payloadHash, rules: rules)
    return headers + [HTTPHeader("Authorization", authorization(request, date: date))]
  }

  /// The Authorization header's value.
  func authorization(_ request: CanonicalRequest, date: String) -> String {
    let signature = signature(of: stringToSign(request, date: date), date: date)
    return "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(date)), "
      + "SignedHeaders=\(request.signedHeaders), Signature=\(signature)"
  }

  /// - Parameter date: `20130524T000000Z`.
  func stringToSign(_ request: CanonicalRequest, date: String) -> String {
    "\(Self.algorithm)\n\(date)\n\(scope(date))\n\(SHA256.hex(of: request.bytes))"
  }

  func signature(of stringToSign: String, date: String) -> String {
    let day = String(date.prefix(8))
    return dayKey.withLock { dayKey in
      if dayKey?.date != day { dayKey = DayKey(date: day, key: derivedKey(day)) }
      return Hex.string(dayKey?.key.authenticate(Array(stringToSign.utf8)) ?? [])
    }
  }

  /// Day, region and service that a signature holds for.
  func scope(_ date: String) -> String { "\(date.prefix(8))/\(region)/\(service)/aws4_request" }

  private func derivedKey(_ day: String) -> HMACKey {
    var key = Array("AWS4\(credentials.secretAccessKey.value)".utf8)
    for part in [day, region, service, "aws4_request"] { key = HMACKey(key).authenticate(Array(part.utf8)) }
    return HMACKey(key)
  }
}
