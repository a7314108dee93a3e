/// The state that the server's thread shares with the threads that call `StandInServer`.
import Synchronization

final class ServerState: Sendable {
  /// The maximum number of requests in memory. When it is reached, the older half is dropped.
  static let recordsMax = 1_000_000

  struct Counters: Sendable {
    var statistics = Statistics()
    var records: [RequestRecord] = []
    var responder: Responder
  }

  let configuration: Configuration
  private let startDay: CalendarDay
  private let counters: Mutex<Counters>

  init(_ configuration: Configuration) {
    self.configuration = configuration
    startDay = configuration.today ?? CalendarDay(millisecondsSince1970: Clock.wallMilliseconds())
    counters = Mutex(Counters(responder: Responder(configuration, today: startDay)))
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

  func reset() {
    withCounters { counters in
      counters.statistics = Statistics()
      counters.records = []
      counters.responder = Responder(configuration, today: startDay)
    }
  }
}
