/// TMDB's token. Read once per process, and again after TMDB refused it, so that rotating it needs no deployment.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one event loop, which all run on its thread.
package final class TokenStore: @unchecked Sendable {
  private let source: TMDBConfiguration.Token
  private let secrets: SecretsClient
  private var cached: Secret?

  package init(source: TMDBConfiguration.Token, secrets: SecretsClient) {
    self.source = source
    self.secrets = secrets
  }

  /// - Throws: `TokenMissing` when the secret is empty or not a token; `AWSServiceError` when it cannot be read.
  package func token() async throws -> Secret {
    if let cached { return cached }
    guard let text = Self.token(in: try await read()) else { throw TokenMissing.unusable(source) }
    let token = Secret(text)
    guard !token.value.isEmpty else { throw TokenMissing.empty(source) }
    guard token.value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw TokenMissing.unusable(source) }
    cached = token
    return token
  }

  /// The token in a secret's text: the text itself, or the value in a JSON object, which is how the Secrets Manager
  /// console stores key/value pairs. That is the member `token`, or the only member whatever its name.
  /// - Returns: the token without surrounding white space; nil if the text is an object without such a member.
  static func token(in text: String) -> String? {
    let text = text.trimmingWhitespace
    guard text.hasPrefix("{") else { return text }
    guard case .object(let members)? = try? JSONValue(parsing: Array(text.utf8)),
      case .string(let token)? = members["token"] ?? (members.count == 1 ? members.values.first : nil)
    else { return nil }
    return token.trimmingWhitespace
  }

  private func read() async throws -> String {
    switch source {
    case .value(let value): value.value
    case .secret(let name): try await secrets.value(of: name)?.value ?? ""
    }
  }

  /// Makes the next invocation read the secret again.
  package func forget() { cached = nil }
}

/// The configured source contains no usable token.
package enum TokenMissing: TypedError, Equatable {
  case empty(TMDBConfiguration.Token)
  /// It contains characters that no token has, such as spaces, line breaks or non-ASCII characters; or it is a JSON
  /// object from which no token can be taken.
  case unusable(TMDBConfiguration.Token)

  package var errorType: String { "TokenMissing" }

  package var description: String {
    switch self {
    case .empty(let source): "\(source) is empty. \(source.remedy)"
    case .unusable(let source): "\(source) does not contain a TMDB token. \(source.remedy)"
    }
  }
}

extension TMDBConfiguration.Token: CustomStringConvertible {
  package var description: String {
    switch self {
    case .secret(let name): "The secret \(name)"
    case .value: "TMDB_TOKEN"
    }
  }

  fileprivate var remedy: String {
    let fill =
      switch self {
      case .secret(let name):
        ": aws secretsmanager put-secret-value --secret-id \(name) --secret-string file://token.txt"
      case .value: ""
      }
    return
      "Store your v4 read access token there, as plain text or as the value of one key named token\(fill)."
  }
}

extension String {
  fileprivate var trimmingWhitespace: String {
    let isSpace = { (character: Character) in character.isWhitespace }
    return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }
}
