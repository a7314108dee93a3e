/// Counts what was asked and answered.
package struct Statistics: Equatable, Sendable {
  package internal(set) var requests = 0
  /// Answers by route and status; 0 stands for no answer at all.
  package internal(set) var answers: [RouteName: [Int: Int]] = [:]
  package internal(set) var bodyBytes = 0
  package internal(set) var inFlight = 0
  package internal(set) var inFlightPeak = 0
  package internal(set) var connections = 0
  package internal(set) var connectionsPeak = 0
  private var window = PeakWindow()

  /// The most requests that arrived within any one second.
  package var peakPerSecond: Int { window.peak }

  /// Answers by status, over all routes.
  package var statuses: [Int: Int] {
    answers.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
  }

  mutating func arrived(at now: Duration) {
    requests += 1
    inFlight += 1
    inFlightPeak = max(inFlightPeak, inFlight)
    window.add(now)
  }

  mutating func answered(_ route: RouteName, status: Int, bytes: Int) {
    answers[route, default: [:]][status, default: 0] += 1
    bodyBytes += bytes
  }

  mutating func completed() { inFlight -= 1 }

  mutating func connectionOpened() {
    connections += 1
    connectionsPeak = max(connectionsPeak, connections)
  }

  mutating func connectionClosed() { connections -= 1 }

  /// Starts anew, but for what is under way.
  mutating func reset() {
    var fresh = Statistics()
    fresh.inFlight = inFlight
    fresh.inFlightPeak = inFlight
    fresh.connections = connections
    fresh.connectionsPeak = connections
    self = fresh
  }

  /// One JSON object, keys in a fixed order.
  var json: String {
    func object(_ counts: [Int: Int]) -> String {
      let members = counts.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
      return "{\(members.joined(separator: ","))}"
    }
    let routes = RouteName.allCases.map { "\"\($0.rawValue)\":\(object(answers[$0] ?? [:]))" }
    return "{\"requests\":\(requests),\"peakPerSecond\":\(peakPerSecond),\"inFlight\":\(inFlight),"
      + "\"inFlightPeak\":\(inFlightPeak),\"connections\":\(connections),"
      + "\"connectionsPeak\":\(connectionsPeak),\"bodyBytes\":\(bodyBytes),"
      + "\"statuses\":\(object(statuses)),\"routes\":{\(routes.joined(separator: ","))}}\n"
  }
}

/// The largest number of times that lie within one second, found as they come.
struct PeakWindow: Equatable {
  private(set) var peak = 0
  private var times: [Duration] = []
  private var oldest = 0

  /// - Parameter now: never going back.
  mutating func add(_ now: Duration) {
    times.append(now)
    while now - times[oldest] >= .seconds(1) { oldest += 1 }
    peak = max(peak, times.count - oldest)
    if oldest > 4096, oldest * 2 > times.count {
      times.removeFirst(oldest)
      oldest = 0
    }
  }
}
