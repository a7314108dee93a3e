import Shared

/// Credentials as `aws configure export-credentials --format process` prints them.
struct ExportedCredentials: Sendable, Equatable {
  let credentials: Credentials
  /// Nil for credentials that do not expire.
  let expiresAt: UnixTime?

  /// Why a text is not credentials. Does not contain any of it.
  struct Invalid: Error, Equatable {
    let reason: String
  }

  init(credentials: Credentials, expiresAt: UnixTime?) {
    (self.credentials, self.expiresAt) = (credentials, expiresAt)
  }

  /// - Throws: `Invalid`.
  init(parsing bytes: [UInt8]) throws(Invalid) {
    guard case .object(let fields)? = try? JSONValue(parsing: bytes) else {
      throw Invalid(reason: "it is not a JSON object")
    }
    guard fields["Version"] == .integer(1) else { throw Invalid(reason: "its Version is not 1") }
    func text(_ name: String) throws(Invalid) -> String? {
      switch fields[name] {
      case nil, .null: return nil
      // The value becomes part of a header.
      case .string(let text) where !text.isEmpty && text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }):
        return text
      default: throw Invalid(reason: "its \(name) is not a text of visible ASCII characters")
      }
    }
    guard let id = try text("AccessKeyId"), let secret = try text("SecretAccessKey") else {
      throw Invalid(reason: "it has no AccessKeyId or no SecretAccessKey")
    }
    credentials = Credentials(
      accessKeyID: id, secretAccessKey: Secret(secret),
      sessionToken: try text("SessionToken").map { Secret($0) })
    guard let expiration = try text("Expiration") else {
      expiresAt = nil
      return
    }
    guard let time = Self.time(expiration) else { throw Invalid(reason: "its Expiration is not a time") }
    expiresAt = time
  }

  /// Parses `2026-11-24T03:00:00+00:00`, with any offset or with "Z". A fraction of a second is dropped.
  private static func time(_ text: String) -> UnixTime? {
    guard let date = UnixTime(iso8601: "\(text.prefix(19))Z") else { return nil }
    var zone = text.dropFirst(19)
    if zone.first == "." { zone = zone.dropFirst().drop { $0.isASCII && $0.isNumber } }
    if zone == "Z" { return date }
    let parts = zone.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
    guard let sign = zone.first, "+-".contains(sign), parts.count == 2, parts.allSatisfy({ $0.count == 2 }),
      let hours = Int(parts[0]), let minutes = Int(parts[1]), (0..<24).contains(hours),
      (0..<60).contains(minutes)
    else { return nil }
    return date + .seconds((hours * 60 + minutes) * (sign == "+" ? -60 : 60))
  }
}
