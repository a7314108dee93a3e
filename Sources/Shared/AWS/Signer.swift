import Synchronization

/// Signs requests by AWS Signature Version 4. Given the date, it knows neither clock nor network.
///
/// The signing key of a day is derived once, a second's date is hashed once, and requests are written into the same
/// memory: a signature allocates its headers and nothing else.
package final class Signer: Sendable {
  /// What the next signature can use of the one before.
  private struct Kept: ~Copyable {
    var context: SigningContext?
    /// The context's, since 1970.
    var second: Int64 = 0
    var request = CanonicalRequest()
    var text = TextBuffer(capacity: 512)
  }

  let credentials: Credentials
  private let region: String
  private let service: String
  private let kept = Mutex(Kept())

  package init(credentials: Credentials, region: String, service: String) {
    self.credentials = credentials
    self.region = region
    self.service = service
  }

  /// A call's headers, with those that signing adds: Host, X-Amz-Date, X-Amz-Security-Token, X-Amz-Content-Sha256 for
  /// S3, and Authorization.
  func sign(_ call: AWSClient.Call, authority: String, at time: UnixTime) -> [HTTPHeader] {
    let isS3 = service == "s3"
    return kept.withLock { kept in
      let context = context(at: time, &kept)
      var headers: [HTTPHeader] = []
      headers.reserveCapacity(call.headers.count + 5)
      headers.append(HTTPHeader("Host", authority))
      headers.append(HTTPHeader("X-Amz-Date", context.date))
      // One by one: += copies each through the runtime's tables, which takes longer.
      for header in call.headers { headers.append(header) }
      if isS3 { headers.append(HTTPHeader("X-Amz-Content-Sha256", call.payloadHash)) }
      if let token = credentials.sessionToken {
        headers.append(HTTPHeader("X-Amz-Security-Token", token.value))
      }
      kept.request.write(
        method: call.method.rawValue, path: call.path, query: call.query, headers: headers,
        payloadHash: call.payloadHash, rules: isS3 ? .s3 : .others)
      headers.append(HTTPHeader("Authorization", context.authorization(of: kept.request, in: &kept.text)))
      return headers
    }
  }

  private func context(at time: UnixTime, _ kept: inout Kept) -> SigningContext {
    let second = time.nanoseconds / 1_000_000_000
    if let context = kept.context, kept.second == second { return context }
    let context = SigningContext(
      date: time.basic, region: region, service: service, credentials: credentials, after: kept.context)
    (kept.context, kept.second) = (context, second)
    return context
  }
}
