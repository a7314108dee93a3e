/// The stand-in's side of its HTTP server: creates a handler per request, and writes the log.
import HTTPServer

final class StandInService: HTTPService {
  let state: ServerState
  let composer = GzipComposer()
  private let log: RequestLog?
  private var nextFlush = Duration.zero

  init(_ state: ServerState) throws(StandInError) {
    self.state = state
    log = try state.configuration.logPath.map { path throws(StandInError) in try RequestLog(path: path) }
  }

  func handler(for request: ServerRequest, at now: Duration) -> any RequestHandler {
    FilmRequestHandler(request, self, at: now)
  }

  func connectionClosed(peerPort: UInt16) {
    state.withCounters { $0.responder.connectionClosed(peerPort: peerPort) }
  }

  /// Flushes the log at most once per second.
  func turnEnded(at now: Duration) -> Duration? {
    guard let log else { return nil }
    if now >= nextFlush {
      log.flush()
      nextFlush = now + .seconds(1)
    }
    return log.isEmpty ? nil : nextFlush
  }

  func stopped() { log?.flush() }

  /// Whether single requests are recorded, in memory or in the log.
  var keepsRecords: Bool { log != nil || state.configuration.keepsRequests }

  func record(_ record: RequestRecord) {
    log?.add(record)
    state.keep(record)
  }
}
