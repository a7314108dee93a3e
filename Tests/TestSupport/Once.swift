import Synchronization

/// Says true the first time it is asked.
public final class Once: Sendable {
  private let isFirst = Mutex(true)

  public init() {}

  public func first() -> Bool {
    isFirst.withLock { isFirst in
      defer { isFirst = false }
      return isFirst
    }
  }
}
