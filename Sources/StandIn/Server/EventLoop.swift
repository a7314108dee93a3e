/// The server's thread: waits for sockets and timers, and runs libmicrohttpd.
import CMicrohttpd
import Glibc

/// Created on one thread and run on another, which owns it from then on.
final class EventLoop {
  /// Memory for one request's head. Response bodies are not copied into it.
  private static let memoryPerConnection = 8 << 10

  /// The idle time after which a connection is closed: far longer than a client's pause between two requests.
  private static let idleSeconds: UInt32 = 120

  private let wake: Int32
  private let started = Clock.now()
  private var daemon: OpaquePointer?
  private var log: RequestLog?
  private var suspended = TimerHeap<HTTPExchange>()
  private var hanging: [HTTPExchange] = []
  private var nextFlush = Duration.zero
  let state: ServerState
  let composer = GzipComposer()

  /// Takes ownership of `listener`. `wake` is an eventfd that stops the loop; the caller keeps its ownership.
  init(listener: Int32, wake: Int32, state: ServerState) throws(StandInError) {
    self.wake = wake
    self.state = state
    do {
      if let path = state.configuration.logPath { log = try RequestLog(path: path) }
    } catch {
      close(listener)
      throw error
    }
    let connections = UInt32(clamping: Listener.raiseFileLimit() - 64)
    daemon = standin_start(
      listener, min(max(connections, 64), 100_000), EventLoop.memoryPerConnection, EventLoop.idleSeconds,
      HTTPExchange.handle, HTTPExchange.completed, HTTPExchange.connectionChanged,
      Unmanaged.passUnretained(self).toOpaque())
    guard daemon != nil else {
      close(listener)
      throw .daemon
    }
  }

  /// The loop has stopped or never ran.
  deinit {
    if let daemon { MHD_stop_daemon(daemon) }
  }

  /// The time since the start.
  var now: Duration { Clock.now() - started }

  /// Runs until `wake` is written to, then closes all connections.
  func run() {
    var blocked = sigset_t()
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &blocked, nil)
    guard let daemon else { return }
    var descriptors = [
      pollfd(fd: standin_epoll_descriptor(daemon), events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
    ]
    while descriptors[1].revents == 0 {
      guard EventLoop.wait(&descriptors, timeout(daemon)) else { break }
      resumeDue()
      MHD_run(daemon)
      flushLog()
    }
    stop(daemon)
  }

  /// Suspends a request until `due`; nil suspends it until the server stops.
  func suspend(_ exchange: HTTPExchange, until due: Duration?) {
    MHD_suspend_connection(exchange.connection)
    if let due { suspended.add(exchange, at: due) } else { hanging.append(exchange) }
  }

  /// Whether single requests are recorded, in memory or in the log.
  var keepsRecords: Bool { log != nil || state.configuration.keepsRequests }

  func record(_ record: RequestRecord) {
    log?.add(record)
    state.keep(record)
  }

  /// - Returns: false if polling failed.
  private static func wait(_ descriptors: inout [pollfd], _ timeout: timespec?) -> Bool {
    let count = nfds_t(descriptors.count)
    let result =
      if var timeout {
        ppoll(&descriptors, count, &timeout, nil)
      } else {
        ppoll(&descriptors, count, nil, nil)
      }
    return result >= 0 || errno == EINTR
  }

  private func resumeDue() {
    guard !suspended.isEmpty else { return }
    let now = now
    while let exchange = suspended.next(at: now) { MHD_resume_connection(exchange.connection) }
  }

  /// libmicrohttpd must not stop while connections are suspended, so they are resumed and closed first.
  private func stop(_ daemon: OpaquePointer) {
    for exchange in suspended.removeAll() + hanging {
      exchange.isAbandoned = true
      MHD_resume_connection(exchange.connection)
    }
    hanging = []
    MHD_run(daemon)
    MHD_stop_daemon(daemon)
    self.daemon = nil
    log?.flush()
  }

  /// The longest time to wait for sockets; nil waits without a limit.
  private func timeout(_ daemon: OpaquePointer) -> timespec? {
    var due = suspended.earliest
    if let log, !log.isEmpty { due = min(due ?? nextFlush, nextFlush) }
    var wait = due.map { max(.zero, $0 - now) }
    let daemonTimeout = Duration.milliseconds(standin_timeout(daemon))
    if daemonTimeout >= .zero { wait = min(wait ?? daemonTimeout, daemonTimeout) }
    return wait.map { wait in
      let (seconds, attoseconds) = wait.components
      return timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
  }

  /// Flushes at most once per second.
  private func flushLog() {
    guard now >= nextFlush else { return }
    log?.flush()
    nextFlush = now + .seconds(1)
  }
}

/// The system's clocks.
enum Clock {
  /// Monotonic time since an unspecified start.
  static func now() -> Duration { read(CLOCK_MONOTONIC) }

  /// Milliseconds since 1970.
  static func wallMilliseconds() -> Int {
    let (seconds, attoseconds) = read(CLOCK_REALTIME).components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }

  private static func read(_ clock: clockid_t) -> Duration {
    var time = timespec()
    clock_gettime(clock, &time)
    return .nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
