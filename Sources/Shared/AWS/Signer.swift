import Synchronization

/// Signs requests with AWS Signature Version 4. The caller passes the time: a signer uses neither clock nor network.
///
/// It derives the signing key once per day, hashes the date once per second, and writes all canonical requests to the
/// same memory, so a signature allocates nothing except its headers.
package final class Signer: Sendable {
  /// State that one signature leaves for the next.
  private struct Cache: ~Copyable {
    var context: SigningContext?
    /// The second that `context` is for, since 1970.
    var second: Int64 = 0
    var request = CanonicalRequest()
    var text = TextBuffer(capacity: 512)
  }

  let credentials: Credentials
  private let region: String
  private let service: String
  private let cache = Mutex(Cache())

  package init(credentials: Credentials, region: String, service: String) {
    self.credentials = credentials
    self.region = region
    self.service = service
  }

  /// Returns the call's headers and those that signing adds: Host, X-Amz-Date, X-Amz-Security-Token for temporary
  /// credentials, X-Amz-Content-Sha256 for S3, and Authorization.
  func sign(_ call: AWSClient.Call, authority: String, at time: UnixTime) -> [HTTPHeader] {
    let isS3 = service == "s3"
    return cache.withLock { cache in
      let context = context(at: time, &cache)
      var headers: [HTTPHeader] = []
      headers.reserveCapacity(call.headers.count + 5)
      headers.append(HTTPHeader("Host", authority))
      headers.append(HTTPHeader("X-Amz-Date", context.date))
      // Appended one by one, because += copies each through the runtime's witness tables, which is slower.
      for header in call.headers { headers.append(header) }
      if isS3 { headers.append(HTTPHeader("X-Amz-Content-Sha256", call.payloadHash)) }
      if let token = credentials.sessionToken {
        headers.append(HTTPHeader("X-Amz-Security-Token", token.value))
      }
      cache.request.write(
        method: call.method.rawValue, path: call.path, query: call.query, headers: headers,
        payloadHash: call.payloadHash, rules: isS3 ? .s3 : .others)
      headers.append(HTTPHeader("Authorization", context.authorization(of: cache.request, in: &cache.text)))
      return headers
    }
  }

  private func context(at time: UnixTime, _ cache: inout Cache) -> SigningContext {
    let second = time.nanoseconds / 1_000_000_000
    if let context = cache.context, cache.second == second { return context }
    let context = SigningContext(
      date: time.basic, region: region, service: service, credentials: credentials, after: cache.context)
    (cache.context, cache.second) = (context, second)
    return context
  }
}
