/// A server's thread: waits for sockets and timers, and runs libmicrohttpd.
import CMicrohttpd
import Glibc

/// Created on one thread and run on another, which owns it from then on.
final class ServerLoop {
  let limits: ServerLimits
  let service: any HTTPService
  let inbox: ServerInbox

  private let started = ServerLoop.monotonicTime()
  private var daemon: OpaquePointer?
  private var suspended = TimerHeap<Exchange>()
  /// Requests that wait for `Resumption.resume`, by id.
  private var waiting: [UInt64: Exchange] = [:]
  private var lastID: UInt64 = 0
  private var nextTurn: Duration?

  /// Takes ownership of the listener's socket.
  init(
    _ listener: Listener, _ limits: ServerLimits, _ service: any HTTPService, _ inbox: ServerInbox
  ) throws(ServerError) {
    self.limits = limits
    self.service = service
    self.inbox = inbox
    daemon = http_server_start(
      listener.descriptor, UInt32(clamping: limits.connections), limits.headBytes,
      UInt32(clamping: limits.idleSeconds), Exchange.handle, Exchange.completed, Exchange.connectionChanged,
      Unmanaged.passUnretained(self).toOpaque())
    guard daemon != nil else {
      close(listener.descriptor)
      throw .daemon
    }
  }

  /// The loop has stopped or never ran.
  deinit {
    if let daemon { MHD_stop_daemon(daemon) }
  }

  /// The time since the start.
  var now: Duration { Self.monotonicTime() - started }

  func nextID() -> UInt64 {
    lastID += 1
    return lastID
  }

  /// Runs until the inbox has been told to stop, then closes all connections.
  func run() {
    var blocked = sigset_t()
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &blocked, nil)
    guard let daemon else { return }
    var descriptors = [
      pollfd(fd: http_server_epoll_descriptor(daemon), events: Int16(POLLIN), revents: 0),
      pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while Self.wait(&descriptors, timeout(daemon)) {
      if descriptors[1].revents != 0 {
        let messages = inbox.take()
        if messages.isStopped { break }
        for id in messages.resumed {
          if let exchange = waiting.removeValue(forKey: id) { MHD_resume_connection(exchange.connection) }
        }
      }
      resumeDue()
      MHD_run(daemon)
      nextTurn = service.turnEnded(at: now)
    }
    stop(daemon)
  }

  /// Suspends a request until `due`; nil suspends it until `Resumption.resume`.
  func suspend(_ exchange: Exchange, until due: Duration?) {
    MHD_suspend_connection(exchange.connection)
    if let due { suspended.add(exchange, at: due) } else { waiting[exchange.id] = exchange }
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
    if result < 0 { for index in descriptors.indices { descriptors[index].revents = 0 } }
    return result >= 0 || errno == EINTR
  }

  private func resumeDue() {
    guard !suspended.isEmpty else { return }
    let now = now
    while let exchange = suspended.next(at: now) { MHD_resume_connection(exchange.connection) }
  }

  /// libmicrohttpd must not stop while connections are suspended, so they are resumed and closed first.
  private func stop(_ daemon: OpaquePointer) {
    for exchange in suspended.removeAll() + waiting.values {
      exchange.isAbandoned = true
      MHD_resume_connection(exchange.connection)
    }
    waiting = [:]
    MHD_run(daemon)
    MHD_stop_daemon(daemon)
    self.daemon = nil
    service.stopped()
  }

  /// The longest time to wait for sockets; nil waits without a limit.
  private func timeout(_ daemon: OpaquePointer) -> timespec? {
    let due = [suspended.earliest, nextTurn].compactMap { $0 }.min()
    var wait = due.map { max(.zero, $0 - now) }
    let daemonTimeout = Duration.milliseconds(http_server_timeout(daemon))
    if daemonTimeout >= .zero { wait = min(wait ?? daemonTimeout, daemonTimeout) }
    return wait.map { wait in
      let (seconds, attoseconds) = wait.components
      return timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
  }

  /// Time since an unspecified start.
  private static func monotonicTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return .nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
