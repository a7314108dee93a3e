import Shared
import Synchronization

/// Credentials that the AWS CLI finds, renewed before they expire.
final class RenewedCredentials: Sendable {
  /// How long before their expiry credentials are renewed. Those that last less than twice as long are renewed when half
  /// of their time is over.
  private static let margin: Duration = .seconds(300)
  /// How long to use the old credentials before the next attempt to renew them.
  private static let retryInterval: Duration = .seconds(30)
  private static let waitInterval: Duration = .milliseconds(20)

  private struct State {
    var current: ExportedCredentials?
    /// When `current` is to be renewed; nil if it does not expire.
    var renewAt: UnixTime?
    var isRenewing = false

    /// What a request does at `now`.
    mutating func next(at now: UnixTime) -> Step {
      if let current {
        let isValid = current.expiresAt.map { now < $0 } ?? true
        if isValid, isRenewing || renewAt.map({ now < $0 }) ?? true { return .use(current.credentials) }
      }
      if isRenewing { return .wait }
      isRenewing = true
      return .renew
    }
  }

  private enum Step {
    case use(Credentials)
    /// Another request is renewing the credentials.
    case wait
    case renew
  }

  private let loop: any SystemClock
  private let export: @Sendable () async throws -> ExportedCredentials
  private let state = Mutex(State())

  /// - Parameter export: gets credentials.
  init(loop: any SystemClock, export: @escaping @Sendable () async throws -> ExportedCredentials) {
    (self.loop, self.export) = (loop, export)
  }

  /// Returns credentials that are valid for some minutes. If they cannot be renewed, the old ones are used while they are
  /// valid.
  /// - Throws: what `export` throws; `Expired`.
  func current() async throws -> Credentials {
    while true {
      switch state.withLock({ $0.next(at: loop.date) }) {
      case .use(let credentials): return credentials
      case .wait: try await loop.sleep(for: Self.waitInterval)
      case .renew: try await renew()
      }
    }
  }

  private func renew() async throws {
    do {
      let new = try await export()
      let now = loop.date
      if let expiresAt = new.expiresAt, expiresAt <= now { throw Expired(at: expiresAt) }
      state.withLock { state in
        let left = new.expiresAt.map { now.duration(to: $0) }
        state = State(current: new, renewAt: left.map { now + max($0 - Self.margin, $0 / 2) })
      }
    } catch {
      let now = loop.date
      let isStillValid = state.withLock { state in
        state.isRenewing = false
        state.renewAt = now + Self.retryInterval
        return state.current?.expiresAt.map { now < $0 } ?? false
      }
      guard isStillValid, !(error is CancellationError) else { throw error }
    }
  }

  /// The AWS CLI returned credentials that have expired.
  struct Expired: Error, CustomStringConvertible {
    let at: UnixTime

    var description: String {
      "the credentials that the AWS CLI found expired at \(at.iso8601). Sign in again, for example with: aws sso login"
    }
  }
}
