/// What signatures of one second have in common, and what they are made of with it.
final class SigningContext {
  private static let algorithm = "AWS4-HMAC-SHA256"

  /// What signatures of one day have in common.
  private final class Day {
    /// `20130524`.
    let date: String
    /// Day, region and service that a signature holds for.
    let scope: String
    let key: HMACKey
    /// Of canonical requests, one after the other.
    let hash = SHA256.Midstate()
    /// An Authorization header up to the names of the signed headers.
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
  /// What is signed, up to its last line: that is the hash of a canonical request.
  let stringToSign: String
  private let day: Day
  /// Has taken in `stringToSign`.
  private let key: HMACKey

  /// - Parameter last: a context of the same credentials, region and service, whose day may be this one's.
  init(date: String, region: String, service: String, credentials: Credentials, after last: SigningContext?) {
    if let last, date.hasPrefix(last.day.date) {
      day = last.day
    } else {
      day = Day(date: String(date.prefix(8)), region: region, service: service, credentials: credentials)
    }
    self.date = date
    stringToSign = "\(Self.algorithm)\n\(date)\n\(day.scope)\n"
    key = day.key.begun(with: Array(stringToSign.utf8))
  }

  var scope: String { day.scope }

  /// - Parameter text: what it is worked out in.
  func signature(of request: borrowing CanonicalRequest, in text: inout TextBuffer) -> SHA256.Digest {
    text.removeAll()
    Hex.append(request.text.withBytes { day.hash.hash(UnsafeRawBufferPointer($0)) }, to: &text)
    return text.withBytes { key.authenticate(UnsafeRawBufferPointer($0)) }
  }

  /// The Authorization header's value.
  /// - Parameter text: what it is worked out in.
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
