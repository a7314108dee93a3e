import CCurl
import CLinux
import Glibc

/// libcurl's multi handle driven by epoll: every transfer of a process, on one thread.
///
/// libcurl says through two callbacks which sockets it watches and when it wants to be called next
/// (https://curl.se/libcurl/c/curl_multi_socket_action.html); work is done only for sockets that are ready,
/// so the cost of a transfer does not grow with their number.
///
/// Not thread-safe, but for `wake()`.
final class CurlMulti {
  /// Sockets looked at in one turn.
  private static let eventsPerTurn = 64
  /// Sockets whose small pieces are held together at the most: where there are more of them, each carries few requests.
  private static let corkedSocketsMax = 4
  /// While transfers are under way, libcurl is made to look so often, and when no socket speaks, each time after twice as
  /// long.
  private static let silence: Duration = .milliseconds(50)
  /// Pieces that one look takes of each transfer at the most.
  private static let piecesPerLook = 64
  /// Connections kept open between transfers.
  private static let idleConnectionsMax = 128

  /// A socket of libcurl's.
  private struct Socket {
    let number: Int32
    /// What libcurl wants to know of it, and what epoll was told; 0 is nothing.
    var wanted: UInt32
    var watched: UInt32 = 0
  }

  private let multi: UnsafeMutableRawPointer
  private let epoll: Int32
  private let wakeup: Int32
  /// When libcurl wants to be called although no socket is ready.
  private var curlDeadline: ContinuousClock.Instant?
  /// In no order; there are few.
  private var sockets: [Socket] = []
  private var transfers = 0
  /// Pieces of answers that transfers have taken.
  private var pieces = 0
  private var silence = CurlMulti.silence
  private var nextNudge: ContinuousClock.Instant = .now
  private var events = [epoll_event](repeating: epoll_event(), count: CurlMulti.eventsPerTurn)

  init() throws(HTTPError) {
    guard CurlLibrary.isInitialised, let multi = curl_multi_init() else {
      throw HTTPError.setUp("libcurl could not be initialised")
    }
    self.multi = multi
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard epoll >= 0, wakeup >= 0 else { throw HTTPError.setUp("epoll: \(String(cString: strerror(errno)))") }
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: wakeup))
    guard epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) == 0 else {
      throw HTTPError.setUp("epoll: \(String(cString: strerror(errno)))")
    }
    try configure()
  }

  deinit {
    curl_multi_cleanup(multi)
    close(wakeup)
    close(epoll)
  }

  /// Starts a transfer. It ends by `Transfer.finish`, called from `wait`.
  func add(_ transfer: Transfer) -> Bool {
    guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else { return false }
    if transfers == 0 {
      silence = Self.silence
      nextNudge = .now + silence
    }
    transfers += 1
    return true
  }

  /// Takes a transfer out, finished or not. Its connection is closed when it was in use.
  func remove(_ transfer: Transfer) {
    curl_multi_remove_handle(multi, transfer.easy)
    transfers -= 1
  }

  /// A transfer has taken a piece of its answer.
  func noteTaken() { pieces += 1 }

  /// Lets `wait` return at once. May be called from any thread.
  func wake() {
    var one: UInt64 = 1
    // A full counter means that a wake-up is pending already.
    _ = write(wakeup, &one, MemoryLayout<UInt64>.size)
  }

  /// Waits for sockets, libcurl's timer, `deadline` or a wake-up, whichever comes first, and lets libcurl work.
  /// - Parameter deadline: nil waits without end; one in the past only looks.
  func wait(until deadline: ContinuousClock.Instant?) {
    applyInterests()
    let nudge = transfers > 0 ? nextNudge : nil
    let until = [deadline, curlDeadline, nudge].compactMap { $0 }.min()
    let ready = epoll_wait(epoll, &events, Int32(events.count), Self.milliseconds(until: until))
    let now = ContinuousClock.now
    // Also those that libcurl stops to watch meanwhile are let go.
    let isCorked =
      sockets.count <= Self.corkedSocketsMax && (ready > 0 || curlDeadline.map { $0 <= now } == true)
    let corked = isCorked ? sockets : []
    cork(corked, true)
    defer { cork(corked, false) }
    var running: Int32 = 0
    for index in 0..<max(0, Int(ready)) {
      let event = events[index]
      if event.data.fd == wakeup {
        var count: UInt64 = 0
        _ = read(wakeup, &count, MemoryLayout<UInt64>.size)
      } else {
        curl_multi_socket_action(multi, event.data.fd, Self.curlEvents(event.events), &running)
      }
    }
    if let nudge, nudge <= now {
      nudgeSockets()
      silence *= 2
      nextNudge = now + silence
    }
    if ready > 0 {
      silence = Self.silence
      nextNudge = min(nextNudge, now + silence)
    }
    if let curlDeadline, curlDeadline <= now {
      self.curlDeadline = nil
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
    }
    finishTransfers()
  }

  /// Has libcurl read although no socket is ready. Its HTTP/2 (7.88.1, cf_h2_data_pending) forgets what it has read and
  /// not handed over yet when a stream's buffer is full, until a socket or a timer has it run again: without this, the
  /// last answers of many could wait for their time-outs.
  private func nudgeSockets() {
    var running: Int32 = 0
    for _ in 0..<Self.piecesPerLook {
      let before = pieces
      for socket in sockets {
        curl_multi_socket_action(multi, socket.number, CURL_CSELECT_IN, &running)
      }
      if pieces == before { return }
    }
  }

  /// Holds back what does not fill a packet, or lets it go: the requests of a turn that share a connection leave
  /// together (https://man7.org/linux/man-pages/man7/tcp.7.html, TCP_CORK).
  private func cork(_ sockets: [Socket], _ isHeld: Bool) {
    var value: Int32 = isHeld ? 1 : 0
    for socket in sockets {
      setsockopt(socket.number, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  private func finishTransfers() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      let code = message.pointee.data.result
      var context: UnsafeMutableRawPointer?
      curl_get_pointer(easy, CURLINFO_PRIVATE, &context)
      guard let context else { continue }
      let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      remove(transfer)
      transfer.finish(code)
    }
  }

  private func configure() throws(HTTPError) {
    // Safety: the callbacks run inside calls on `multi`, which ends before `self` does.
    let context = Unmanaged.passUnretained(self).toOpaque()
    let codes = [
      curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)),
      curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.idleConnectionsMax),
      curl_multi_set_socket_function(
        multi,
        { _, socket, what, context, _ in
          CurlMulti.from(context).want(socket, what)
          return 0
        }, context),
      curl_multi_set_timer_function(
        multi, { _, milliseconds, context in CurlMulti.from(context).setTimer(milliseconds) }, context),
    ]
    guard codes.allSatisfy({ $0 == CURLM_OK }) else {
      throw HTTPError.setUp("libcurl refused an option of its multi handle")
    }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> CurlMulti {
    guard let context else { preconditionFailure("libcurl lost the context it was given") }
    return Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
  }

  /// Notes what libcurl wants of a socket. It often changes its mind within a turn, and epoll is told at the end.
  private func want(_ number: Int32, _ what: Int32) {
    guard what != CURL_POLL_REMOVE else {
      // At once, because the number may be another socket's before the turn is over. An error only says that libcurl
      // closed it first, which takes it out as well.
      epoll_ctl(epoll, EPOLL_CTL_DEL, number, nil)
      sockets.removeAll { $0.number == number }
      return
    }
    var wanted: UInt32 = 0
    if what & CURL_POLL_IN != 0 { wanted |= EPOLLIN.rawValue }
    if what & CURL_POLL_OUT != 0 { wanted |= EPOLLOUT.rawValue }
    if let index = sockets.firstIndex(where: { $0.number == number }) {
      sockets[index].wanted = wanted
    } else {
      sockets.append(Socket(number: number, wanted: wanted))
    }
  }

  private func applyInterests() {
    for index in sockets.indices where sockets[index].watched != sockets[index].wanted {
      let socket = sockets[index]
      var event = epoll_event(events: socket.wanted, data: epoll_data_t(fd: socket.number))
      // libcurl closes some sockets without a word, and may get their numbers again. A socket that epoll takes neither
      // way is not watched: its transfers end by their time-outs.
      let isTaken =
        epoll_ctl(epoll, EPOLL_CTL_MOD, socket.number, &event) == 0
        || errno == ENOENT && epoll_ctl(epoll, EPOLL_CTL_ADD, socket.number, &event) == 0
      sockets[index].watched = isTaken ? socket.wanted : 0
    }
  }

  private func setTimer(_ milliseconds: Int) -> Int32 {
    curlDeadline = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    return 0
  }

  private static func curlEvents(_ events: UInt32) -> Int32 {
    var mask: Int32 = 0
    if events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
    if events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
    if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
    return mask
  }

  /// Rounded up, so that a timer never wakes the loop before its time; at most a minute, which costs one idle turn.
  private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { return 0 }
    guard left < .seconds(60) else { return 60_000 }
    let (seconds, attoseconds) = left.components
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

/// libcurl's process-wide state.
enum CurlLibrary {
  /// Set up on first use, once.
  static let isInitialised: Bool = {
    // A static glibc has the files and dns resolvers built in; told so, it never loads the host's modules.
    __nss_configure_lookup("hosts", "files dns")
    return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
  }()
}
