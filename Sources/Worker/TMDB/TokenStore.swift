import Shared

/// TMDB's token: read once a process, and again after it was refused, so that a rotated one needs no deployment.
///
/// Safety of `@unchecked Sendable`: touched by tasks of one loop alone, which share its one thread.
final class TokenStore: @unchecked Sendable {
  private let source: WorkerConfiguration.Token
  private let secrets: SecretsClient
  private var known: Secret?

  init(source: WorkerConfiguration.Token, secrets: SecretsClient) {
    self.source = source
    self.secrets = secrets
  }

  /// - Throws: `TokenMissing` when the secret is empty, `AWSServiceError` when it cannot be read.
  func token() async throws -> Secret {
    if let known { return known }
    let token = Secret(try await read().trimmingWhitespace)
    guard !token.value.isEmpty else { throw TokenMissing.empty(source) }
    guard token.value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw TokenMissing.unusable(source) }
    known = token
    return token
  }

  private func read() async throws -> String {
    switch source {
    case .value(let value): value.value
    case .secret(let name): try await secrets.value(of: name)?.value ?? ""
    }
  }

  /// Lets the next invocation read the secret again.
  func forget() { known = nil }
}

/// There is no token where it should be.
enum TokenMissing: TypedError, Equatable {
  case empty(WorkerConfiguration.Token)
  /// It holds what no token has: spaces, line breaks, other characters than ASCII's.
  case unusable(WorkerConfiguration.Token)

  var errorType: String { "TokenMissing" }

  var description: String {
    switch self {
    case .empty(let place): "\(place) holds no TMDB token. \(place.remedy)"
    case .unusable(let place): "\(place) holds something that is no TMDB token. \(place.remedy)"
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
    return "Put your v4 read access token there\(fill)."
  }
}

extension String {
  fileprivate var trimmingWhitespace: String {
    let isSpace = { (character: Character) in character.isWhitespace }
    return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }
}
