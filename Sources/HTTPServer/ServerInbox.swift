/// Messages from other threads to a server's thread.
import CMicrohttpd
import Glibc
import Synchronization

final class ServerInbox: Sendable {
  struct Messages {
    var isStopped = false
    /// Requests to continue.
    var resumed: [UInt64] = []
  }

  /// An eventfd that is readable while there are messages.
  let descriptor: Int32
  private let messages = Mutex(Messages())

  init() { descriptor = http_server_wake_descriptor() }

  deinit { close(descriptor) }

  func stop() {
    messages.withLock { $0.isStopped = true }
    http_server_wake(descriptor)
  }

  func resume(_ request: UInt64) {
    messages.withLock { $0.resumed.append(request) }
    http_server_wake(descriptor)
  }

  /// Removes and returns all messages.
  func take() -> Messages {
    http_server_clear(descriptor)
    return messages.withLock { messages in
      defer { messages.resumed = [] }
      return messages
    }
  }
}
