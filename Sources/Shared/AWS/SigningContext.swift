/// Computes the signatures of one second from the state that they share.
final class SigningContext {
  private static let algorithm = "AWS4-HMAC-SHA256"

  /// The state that all signatures of one day share.
  private final class Day {
    /// `20130524`.
    let date: String
    /// The credential scope: day, region and service that a signature is valid for.
    let scope: String
    let key: HMACKey
    /// Hashes one canonical request after the other.
    let hash = SHA256.Midstate()
    /// The Authorization header up to the names of the signed headers.
    let authorization: String

    init(date: String, region: String, service: String, credentials: Credentials) {
      self.date = date
      scope = "\(date)/\(region)/\(service)/aws4_request"
      authorization = "\(algorithm) Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders="
      var key = HMACKey(Array("AWS4\(credentials.secretAccessKey.value)".utf8))
      for part in [date, region, service, "aws4_request"] {
        key = HMACKey(key.authenticate(Array(part.utf8)))
      }
      self.key = key
    }
  }

  /// `20130524T000000Z`.
  let date: String
  /// The string to sign without its last line, which is the hash of a canonical request.
  let stringToSign: String
  private let day: Day
  /// The signing key with `stringToSign` already hashed.
  private let key: HMACKey

  /// - Parameter last: an earlier context with the same credentials, region and service. If it has the same day, that
  ///   day's state is reused.
  init(date: String, region: String, service: String, credentials: Credentials, after last: SigningContext?) {
    if let last, date.hasPrefix(last.day.date) {
      day = last.day
    } else {
      day = Day(date: String(date.prefix(8)), region: region, service: service, credentials: credentials)
    }
    self.date = date
    stringToSign = "\(Self.algorithm)\n\(date)\n\(day.scope)\n"
    key = day.key.prefixed(by: Array(stringToSign.utf8))
  }

  var scope: String { day.scope }

  /// - Parameter text: a buffer to work in; its contents are overwritten.
  func signature(of request: borrowing CanonicalRequest, in text: inout TextBuffer) -> SHA256.Digest {
    text.removeAll()
    Hex.append(request.text.withBytes { day.hash.hash(UnsafeRawBufferPointer($0)) }, to: &text)
    return text.withBytes { key.authenticate(UnsafeRawBufferPointer($0)) }
  }

  /// The value of the Authorization header.
  /// - Parameter text: a buffer to work in; its contents are overwritten.
  func authorization(of request: borrowing CanonicalRequest, in text: inout TextBuffer) -> String {
    let signature = signature(of: request, in: &text)
    text.removeAll()
    text.append(day.authorization)
    text.append(request.text, request.signedHeaders)
    text.append(", Signature=")
    Hex.append(signature, to: &text)
    return text.string
  }
}
