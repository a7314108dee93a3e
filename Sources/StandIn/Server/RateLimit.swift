/// A rate limit over a sliding window.
///
/// At most `count` admitted requests fall within any one window; rejected requests are not counted.
struct RateLimit {
  struct Rule: Equatable, Sendable {
    /// At least 1.
    var count: Int
    var window: Duration
  }

  private let rule: Rule
  /// The arrival times of the last `count` admitted requests: a ring buffer in time order, from index `oldest` on.
  private var times: [Duration] = []
  private var oldest = 0

  init(_ rule: Rule) {
    self.rule = rule
  }

  /// - Parameter now: the time since any fixed start, not earlier than in the call before.
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

  /// Whether all remembered requests have left the window.
  func isIdle(at now: Duration) -> Bool {
    guard !times.isEmpty else { return true }
    return now - times[(oldest + times.count - 1) % times.count] >= rule.window
  }
}

/// One rate limit for all requests, or one per caller.
struct RateLimits {
  enum Scope: String, CaseIterable, Sendable {
    /// One limit for all requests.
    case all
    /// One limit per bearer token.
    case key
    /// One limit per IP address.
    case address
    /// One limit per TCP connection, which is an address and a port.
    case connection
    /// One limit per client process on this machine.
    case process
  }

  /// The maximum number of callers remembered. When it is reached, idle callers are forgotten; if none is idle, new
  /// callers are refused.
  static let callersMax = 10_000

  private let rule: RateLimit.Rule
  let scope: Scope
  private var callers: [String: RateLimit] = [:]
  /// The server's port.
  private let port: UInt16
  /// The client process of each open connection, by the client's port: one lookup per connection.
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

  /// Forgets the process: the port's next connection can be another process's.
  mutating func connectionClosed(peerPort: UInt16) { processes[peerPort] = nil }

  private mutating func process(at peerPort: UInt16) -> String {
    if let known = processes[peerPort] { return known }
    let name = PeerProcess.id(ofPort: peerPort, connectedTo: port).map { "\($0)" } ?? ""
    processes[peerPort] = name
    return name
  }
}
