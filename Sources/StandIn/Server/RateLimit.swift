/// So many requests in any window of a given length, and a 429 for what is beyond.
///
/// Of the requests let through no more than `count` ever lie within one window; those refused do not count.
struct RateLimit {
  struct Rule: Equatable, Sendable {
    /// At least 1.
    var count: Int
    var window: Duration
  }

  private let rule: Rule
  /// When the last `count` requests were let through, in the order of time from `oldest` on, round and round.
  private var times: [Duration] = []
  private var oldest = 0

  init(_ rule: Rule) {
    self.rule = rule
  }

  /// - Parameter now: time since any fixed start; never going back.
  mutating func admits(at now: Duration) -> Bool {
    if times.count < rule.count {
      times.append(now)
      return true
    }
    guard now - times[oldest] >= rule.window else { return false }
    times[oldest] = now
    oldest = (oldest + 1) % rule.count
    return true
  }

  /// Whether nothing that it remembers matters any more.
  func isIdle(at now: Duration) -> Bool {
    guard !times.isEmpty else { return true }
    return now - times[(oldest + times.count - 1) % times.count] >= rule.window
  }
}

/// A limit for each caller, or one for all.
struct RateLimits {
  enum Scope: String, CaseIterable, Sendable {
    /// One limit for everything.
    case all
    /// One per bearer token.
    case key
    /// One per IP address.
    case address
    /// One per TCP connection: per address and port.
    case connection
    /// One per process of this machine.
    case process
  }

  /// Callers remembered at a time; when there are more, those that are idle are forgotten.
  static let callersMax = 10_000

  private let rule: RateLimit.Rule
  let scope: Scope
  private var callers: [String: RateLimit] = [:]
  /// The port that connections lead to.
  private let port: UInt16
  /// The process behind each connection's port, as long as the connection is there: looked up once.
  private var processes: [UInt16: String] = [:]

  init(_ rule: RateLimit.Rule, scope: Scope, port: UInt16 = 0) {
    self.rule = rule
    self.scope = scope
    self.port = port
  }

  mutating func admits(_ request: Request, at now: Duration) -> Bool {
    let caller =
      switch scope {
      case .all: ""
      case .key: request.authorization ?? ""
      case .address: request.address
      case .connection: "\(request.address):\(request.peerPort)"
      case .process: process(at: request.peerPort)
      }
    if callers.count >= RateLimits.callersMax, callers[caller] == nil {
      callers = callers.filter { !$0.value.isIdle(at: now) }
      if callers.count >= RateLimits.callersMax { return false }
    }
    return callers[caller, default: RateLimit(rule)].admits(at: now)
  }

  /// Another process may have the port in the next connection.
  mutating func connectionClosed(peerPort: UInt16) { processes[peerPort] = nil }

  private mutating func process(at peerPort: UInt16) -> String {
    if let known = processes[peerPort] { return known }
    let name = PeerProcess.id(ofPort: peerPort, connectedTo: port).map { "\($0)" } ?? ""
    processes[peerPort] = name
    return name
  }
}
