/// What the server's thread and those who look at it share.
import Synchronization

final class ServerState: Sendable {
  /// Requests kept in memory when that is asked for; beyond, the earlier half is dropped.
  static let recordsMax = 1_000_000

  struct Counters: Sendable {
    var statistics = Statistics()
    var records: [RequestRecord] = []
    var responder: Responder
  }

  let configuration: Configuration
  private let counters: Mutex<Counters>

  init(_ configuration: Configuration) {
    self.configuration = configuration
    counters = Mutex(Counters(responder: Responder(configuration)))
  }

  func withCounters<Result: Sendable>(_ body: (inout sending Counters) -> sending Result) -> Result {
    counters.withLock(body)
  }

  func keep(_ record: RequestRecord) {
    guard configuration.keepsRequests else { return }
    withCounters { counters in
      if counters.records.count >= ServerState.recordsMax {
        counters.records.removeFirst(ServerState.recordsMax / 2)
      }
      counters.records.append(record)
    }
  }

  /// Counters, limits and scripts start anew.
  func reset() {
    withCounters { counters in
      counters.statistics.reset()
      counters.records = []
      counters.responder = Responder(configuration)
    }
  }
}
