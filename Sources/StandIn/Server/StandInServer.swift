/// A stand-in that runs inside this process, on a thread of its own.
import CMicrohttpd
import Glibc
import Synchronization

/// Starts on init and answers until `stop()` or until it is let go.
package final class StandInServer: Sendable {
  /// The port listened on.
  package let port: UInt16
  /// `http://address:port`, without a slash at the end.
  package let baseURL: String

  private let state: ServerState
  private let wake: Int32
  private let thread: Mutex<pthread_t?>

  package init(_ configuration: Configuration = Configuration()) throws(StandInError) {
    let listener = try Listener.open(address: configuration.bindAddress, port: configuration.port)
    port = listener.port
    baseURL = "http://\(configuration.bindAddress):\(listener.port)"
    var configuration = configuration
    configuration.port = listener.port
    state = ServerState(configuration)
    wake = standin_wake_descriptor()
    do {
      thread = Mutex(try StandInServer.start(listener.descriptor, wake, state))
    } catch {
      close(wake)
      throw error
    }
  }

  deinit { stop() }

  /// Closes all connections, writes the log out and waits for the thread. Further calls do nothing.
  package func stop() {
    thread.withLock { thread in
      guard let running = thread else { return }
      standin_wake(wake)
      pthread_join(running, nil)
      close(wake)
      thread = nil
    }
  }

  package func statistics() -> Statistics { state.withCounters { $0.statistics } }

  /// What was asked so far, if the configuration keeps it.
  package func requests() -> [RequestRecord] { state.withCounters { $0.records } }

  /// Counters, limits and scripts start anew.
  package func reset() { state.reset() }

  private static func start(
    _ listener: Int32, _ wake: Int32, _ state: ServerState
  ) throws(StandInError) -> pthread_t {
    var thread = pthread_t()
    let owned = Unmanaged.passRetained(try EventLoop(listener: listener, wake: wake, state: state))
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, owned.toOpaque())
    guard result == 0 else {
      owned.release()
      throw .thread(errno: result)
    }
    return thread
  }
}
