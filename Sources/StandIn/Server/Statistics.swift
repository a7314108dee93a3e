/// Counts of requests and responses, for `GET /_standin/stats`.
struct Statistics: Equatable {
  private(set) var requests = 0
  /// Responses by route and status; status 0 counts requests without a response.
  private(set) var responses: [RouteName: [Int: Int]] = [:]
  private var window = PeakWindow()

  mutating func arrived(at now: Duration) {
    requests += 1
    window.add(now)
  }

  mutating func responded(_ route: RouteName, status: Int) {
    responses[route, default: [:]][status, default: 0] += 1
  }

  /// One JSON object whose keys have a fixed order.
  var json: String {
    func object(_ counts: [Int: Int]) -> String {
      let members = counts.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
      return "{\(members.joined(separator: ","))}"
    }
    let routes = RouteName.allCases.map { "\"\($0.rawValue)\":\(object(responses[$0] ?? [:]))" }
    return "{\"requests\":\(requests),\"peakPerSecond\":\(window.peak),"
      + "\"routes\":{\(routes.joined(separator: ","))}}\n"
  }
}

/// The maximum number of requests within any one second.
struct PeakWindow: Equatable {
  private(set) var peak = 0
  private var times: [Duration] = []
  private var oldest = 0

  /// - Parameter now: not earlier than in the call before.
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
