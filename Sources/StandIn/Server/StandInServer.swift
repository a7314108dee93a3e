/// A stand-in inside this process, on its own thread.
import CMicrohttpd
import Glibc
import Synchronization

/// Serves from `init` until `stop()` or `deinit`.
package final class StandInServer: Sendable {
  /// The port the server listens on.
  package let port: UInt16
  /// `http://127.0.0.1:PORT`, without a trailing slash.
  package let baseURL: String

  private let state: ServerState
  private let wake: Int32
  private let thread: Mutex<pthread_t?>

  package init(_ configuration: Configuration = Configuration()) throws(StandInError) {
    let listener = try Listener.open(port: configuration.port)
    port = listener.port
    baseURL = "http://127.0.0.1:\(listener.port)"
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

  /// Closes all connections, writes the rest of the log and waits for the thread to end. Further calls do nothing.
  package func stop() {
    thread.withLock { thread in
      guard let running = thread else { return }
      standin_wake(wake)
      pthread_join(running, nil)
      close(wake)
      thread = nil
    }
  }

  /// The requests since the start or the last `reset()`, in the order in which their responses were decided; empty
  /// unless the configuration has `keepsRequests`.
  package func requests() -> [RequestRecord] { state.withCounters { $0.records } }

  /// Forgets the requests, restarts the statistics, rate limits and fault rules, and returns to the configured day.
  package func reset() { state.reset() }

  /// Moves the server to another day, until the next `reset()`.
  package func setToday(_ today: CalendarDay) { state.withCounters { $0.responder.setToday(today) } }

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
