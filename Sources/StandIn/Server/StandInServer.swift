/// A stand-in inside this process, on its own thread.
import HTTPServer

/// Serves from `init` until `stop()` or until nothing refers to it any more.
package final class StandInServer: Sendable {
  /// The port the server listens on.
  package let port: UInt16
  /// `http://127.0.0.1:PORT`, without a trailing slash.
  package let baseURL: String

  private let state: ServerState
  private let server: LoopbackServer

  package init(_ configuration: Configuration = Configuration()) throws(StandInError) {
    let listener = try StandInServer.orStandInError { () throws(ServerError) in
      try Listener(port: configuration.port)
    }
    port = listener.port
    baseURL = "http://127.0.0.1:\(listener.port)"
    var configuration = configuration
    configuration.port = listener.port
    let state = ServerState(configuration)
    self.state = state
    let service: StandInService
    do { service = try StandInService(state) } catch {
      listener.discard()
      throw error
    }
    server = try StandInServer.orStandInError { () throws(ServerError) in
      try LoopbackServer(listener, StandInServer.limits, service)
    }
  }

  /// Closes all connections, writes the rest of the log and waits for the thread to end. Further calls do nothing.
  package func stop() { server.stop() }

  /// The requests since the start or the last `reset()`, in the order in which their responses were decided; empty
  /// unless the configuration has `keepsRequests`.
  package func requests() -> [RequestRecord] { state.withCounters { $0.records } }

  /// Forgets the requests, restarts the statistics, rate limits and fault rules, and returns to the configured day.
  package func reset() { state.reset() }

  /// Moves the server to another day, until the next `reset()`.
  package func setToday(_ today: CalendarDay) { state.withCounters { $0.responder.setToday(today) } }

  private static var limits: ServerLimits {
    // An idle connection is kept far longer than a client's pause between two requests.
    ServerLimits(
      connections: min(max(Listener.raiseFileLimit() - 64, 64), 100_000), headBytes: 8 << 10, bodyBytes: nil,
      idleSeconds: 120)
  }

  private static func orStandInError<Value>(
    _ body: () throws(ServerError) -> Value
  ) throws(StandInError) -> Value {
    do { return try body() } catch { throw .server(error) }
  }
}
