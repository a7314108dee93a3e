/// What the server's thread and those who look at it share.
import Synchronization

final class ServerState: Sendable {
  /// Requests kept in memory when that is asked for; beyond, the earlier half is dropped.
  static let recordsMax = 1_000_000

  struct Books: Sendable {
    var statistics = Statistics()
    var records: [RequestRecord] = []
    var responder: Responder
  }

  let configuration: Configuration
  private let books: Mutex<Books>

  init(_ configuration: Configuration) {
    self.configuration = configuration
    books = Mutex(Books(responder: Responder(configuration)))
  }

  func withBooks<Result: Sendable>(_ body: (inout sending Books) -> sending Result) -> Result {
    books.withLock(body)
  }

  func keep(_ record: RequestRecord) {
    guard configuration.keepsRequests else { return }
    withBooks { books in
      if books.records.count >= ServerState.recordsMax {
        books.records.removeFirst(ServerState.recordsMax / 2)
      }
      books.records.append(record)
    }
  }

  /// Counters, limits and scripts start anew.
  func reset() {
    withBooks { books in
      books.statistics.reset()
      books.records = []
      books.responder = Responder(configuration)
    }
  }
}
