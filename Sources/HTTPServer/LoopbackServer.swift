/// An HTTP/1.1 server on 127.0.0.1, on its own thread, on libmicrohttpd.
import CMicrohttpd
import Glibc
import Synchronization

/// Serves from `init` until `stop()` or `deinit`.
package final class LoopbackServer: Sendable {
  private let inbox = ServerInbox()
  private let thread: Mutex<pthread_t?>

  /// - Parameters:
  ///   - listener: belongs to the server from now on.
  ///   - service: belongs to the server's thread from now on.
  package init(_ listener: Listener, _ limits: ServerLimits, _ service: any HTTPService) throws(ServerError) {
    let loop = try ServerLoop(listener, limits, service, inbox)
    thread = Mutex(try Self.start(loop))
  }

  /// The version of libmicrohttpd, as it reports it.
  package static var libraryVersion: String { String(cString: MHD_get_version()) }

  deinit { stop() }

  /// Closes all connections and waits for the thread to end. Further calls do nothing.
  package func stop() {
    thread.withLock { thread in
      guard let running = thread else { return }
      inbox.stop()
      pthread_join(running, nil)
      thread = nil
    }
  }

  private static func start(_ loop: ServerLoop) throws(ServerError) -> pthread_t {
    var thread = pthread_t()
    let owned = Unmanaged.passRetained(loop)
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<ServerLoop>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, owned.toOpaque())
    guard result == 0 else {
      owned.release()
      throw .thread(errno: result)
    }
    return thread
  }
}
