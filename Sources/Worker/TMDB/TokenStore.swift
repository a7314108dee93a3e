import Shared

/// TMDB's token. Read once per process, and again after TMDB refused it, so that rotating it needs no deployment.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one event loop, which all run on its thread.
final class TokenStore: @unchecked Sendable {
  private let source: WorkerConfiguration.Token
  private let secrets: SecretsClient
  private var cached: Secret?

  init(source: WorkerConfiguration.Token, secrets: SecretsClient) {
    self.source = source
    self.secrets = secrets
  }

  /// - Throws: `TokenMissing` when the secret is empty or not a token; `AWSServiceError` when it cannot be read.
  func token() async throws -> Secret {
    if let cached { return cached }
    let token = Secret(try await read().trimmingWhitespace)
    guard !token.value.isEmpty else { throw TokenMissing.empty(source) }
    guard token.value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw TokenMissing.unusable(source) }
    cached = token
    return token
  }

  private func read() async throws -> String {
    switch source {
    case .value(let value): value.value
    case .secret(let name): try await secrets.value(of: name)?.value ?? ""
    }
  }

  /// Makes the next invocation read the secret again.
  func forget() { cached = nil }
}

/// The configured source contains no usable token.
enum TokenMissing: TypedError, Equatable {
  case empty(WorkerConfiguration.Token)
  /// It contains characters that no token has: spaces, line breaks or non-ASCII characters.
  case unusable(WorkerConfiguration.Token)

  var errorType: String { "TokenMissing" }

  var description: String {
    switch self {
    case .empty(let source): "\(source) is empty. \(source.remedy)"
    case .unusable(let source): "\(source) does not contain a TMDB token. \(source.remedy)"
    }
  }
}

extension WorkerConfiguration.Token: CustomStringConvertible {
  var description: String {
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
    return "Store your v4 read access token there\(fill)."
  }
}

extension String {
  fileprivate var trimmingWhitespace: String {
    let isSpace = { (character: Character) in character.isWhitespace }
    return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }
}
