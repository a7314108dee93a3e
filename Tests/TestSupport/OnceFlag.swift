import Synchronization

/// A flag that can be set once, from any thread.
public final class OnceFlag: Sendable {
  private let isSet = Mutex(false)

  public init() {}

  /// Sets the flag.
  /// - Returns: true on the first call, false on every later one.
  public func set() -> Bool {
    isSet.withLock { isSet in
      defer { isSet = true }
      return !isSet
    }
  }
}
