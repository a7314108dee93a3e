/// The server's thread: waits for sockets and due times, and lets libmicrohttpd do its part.
import CMicrohttpd
import Glibc

/// Made on one thread and run on another; after that it belongs to the one that runs it.
final class EventLoop {
  /// Room for one request's head. An answer's body is not copied into it.
  private static let memoryPerConnection = 8 << 10

  /// Far longer than any client waits between two requests.
  private static let idleSeconds: UInt32 = 120

  private let wake: Int32
  private let started = Clock.now()
  private var daemon: OpaquePointer?
  private var log: RequestLog?
  private var suspended = TimerHeap<HTTPExchange>()
  private var hanging: [HTTPExchange] = []
  private var nextFlush = Duration.zero
  let state: ServerState
  let composer = BodyComposer()

  /// Takes over the listening descriptor; `wake` is an eventfd that stops the loop and stays the caller's.
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

  /// Runs no more, or never did.
  deinit {
    if let daemon { MHD_stop_daemon(daemon) }
  }

  /// Time since the start.
  var now: Duration { Clock.now() - started }

  /// Runs until the eventfd is written to, then closes everything.
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

  /// Sets a request aside until its time has come; never, when there is none.
  func suspend(_ exchange: HTTPExchange, until due: Duration?) {
    MHD_suspend_connection(exchange.connection)
    if let due { suspended.add(exchange, at: due) } else { hanging.append(exchange) }
  }

  /// Whether anybody wants to know of single requests.
  var keepsRecords: Bool { log != nil || state.configuration.keepsRequests }

  func record(_ record: RequestRecord) {
    log?.add(record)
    state.keep(record)
  }

  /// - Returns: false when polling itself has failed.
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

  /// libmicrohttpd wants nothing suspended when it stops: what waits is resumed and broken off.
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

  /// How long there is nothing to do but for the sockets; nil is for ever.
  private func timeout(_ daemon: OpaquePointer) -> timespec? {
    var due = suspended.earliest
    if let log, !log.isEmpty { due = min(due ?? nextFlush, nextFlush) }
    var wait = due.map { max(.zero, $0 - now) }
    let asked = Duration.milliseconds(standin_timeout(daemon))
    if asked >= .zero { wait = min(wait ?? asked, asked) }
    return wait.map { wait in
      let (seconds, attoseconds) = wait.components
      return timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
  }

  /// Once a second.
  private func flushLog() {
    guard now >= nextFlush else { return }
    log?.flush()
    nextFlush = now + .seconds(1)
  }
}

/// The clocks of the system.
enum Clock {
  /// Time that only goes forward, from some fixed point on.
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
