import CCurl
import CLinux
import Glibc

/// Drives libcurl's multi handle with epoll: runs all transfers of an event loop on one thread.
///
/// libcurl reports through two callbacks which sockets it watches and when it must be called next
/// (https://curl.se/libcurl/c/curl_multi_socket_action.html). Only ready sockets cause work, so the cost of a transfer
/// does not grow with the number of sockets.
///
/// Not thread-safe, except for `wake()`.
final class CurlMulti {
  /// Maximum number of epoll events processed in one turn.
  private static let eventsPerTurn = 64
  /// Sockets are corked only if there are at most this many. With more sockets, each carries few requests, and there is
  /// little to combine.
  private static let corkedSocketsMax = 4
  /// The first interval after which libcurl is made to read (see `nudgeSockets`) while transfers are in flight. The
  /// interval doubles with each nudge and is reset when a socket becomes ready.
  private static let firstNudgeInterval: Duration = .milliseconds(50)
  /// Maximum number of times that one nudge makes libcurl read each socket.
  private static let readsPerNudgeMax = 64
  /// Maximum number of connections kept open between transfers.
  private static let idleConnectionsMax = 128

  /// A socket that libcurl watches.
  private struct Socket {
    let descriptor: Int32
    /// The epoll events that libcurl last requested; 0 is none.
    var requestedEvents: UInt32
    /// The events that the socket is registered for with epoll; 0 is none.
    var registeredEvents: UInt32 = 0
  }

  private let multi: UnsafeMutableRawPointer
  private let epoll: Int32
  private let wakeup: Int32
  /// The time at which libcurl must be called even if no socket is ready.
  private var curlDeadline: ContinuousClock.Instant?
  /// In no particular order. There are few, so a linear search is fast enough.
  private var sockets: [Socket] = []
  /// The number of transfers in flight.
  private var transfers = 0
  /// The number of response chunks that transfers have received.
  private var chunksReceived = 0
  private var nudgeInterval = CurlMulti.firstNudgeInterval
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

  /// Starts a transfer. `wait` calls `Transfer.finish` when it has ended.
  /// - Returns: false if libcurl refused the transfer.
  func add(_ transfer: Transfer) -> Bool {
    guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else { return false }
    if transfers == 0 {
      nudgeInterval = Self.firstNudgeInterval
      nextNudge = .now + nudgeInterval
    }
    transfers += 1
    return true
  }

  /// Removes a transfer, finished or not. If it was unfinished, libcurl closes its HTTP/1.1 connection.
  func remove(_ transfer: Transfer) {
    curl_multi_remove_handle(multi, transfer.easy)
    transfers -= 1
  }

  /// Records that a transfer has received a chunk of its response.
  func recordChunk() { chunksReceived += 1 }

  /// Makes the current or next `wait` return immediately. May be called from any thread.
  func wake() {
    var one: UInt64 = 1
    // The write fails only if the counter is full, and then a wake-up is already pending.
    _ = write(wakeup, &one, MemoryLayout<UInt64>.size)
  }

  /// Waits for a ready socket, libcurl's timer, `deadline` or a wake-up, and then lets libcurl do its work.
  /// - Parameter deadline: nil waits without a time limit; a time in the past polls without waiting.
  func wait(until deadline: ContinuousClock.Instant?) {
    registerEvents()
    let nudge = transfers > 0 ? nextNudge : nil
    let until = [deadline, curlDeadline, nudge].compactMap { $0 }.min()
    let ready = epoll_wait(epoll, &events, Int32(events.count), Self.milliseconds(until: until))
    let now = ContinuousClock.now
    // A copy, so that sockets that libcurl stops watching during this turn are uncorked too.
    let shouldCork =
      sockets.count <= Self.corkedSocketsMax && (ready > 0 || curlDeadline.map { $0 <= now } == true)
    let corked = shouldCork ? sockets : []
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
      nudgeInterval *= 2
      nextNudge = now + nudgeInterval
    }
    if ready > 0 {
      nudgeInterval = Self.firstNudgeInterval
      nextNudge = min(nextNudge, now + nudgeInterval)
    }
    if let curlDeadline, curlDeadline <= now {
      self.curlDeadline = nil
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
    }
    finishTransfers()
  }

  /// Makes libcurl read every socket, ready or not.
  ///
  /// Works around a bug in libcurl's HTTP/2 (7.88.1, cf_h2_data_pending): if a stream's buffer is full, libcurl forgets
  /// the data that it has read but not yet delivered, until a socket or timer event makes it run again. Without this
  /// nudge, the last of many concurrent responses could stall until they time out.
  private func nudgeSockets() {
    var running: Int32 = 0
    for _ in 0..<Self.readsPerNudgeMax {
      let before = chunksReceived
      for socket in sockets {
        curl_multi_socket_action(multi, socket.descriptor, CURL_CSELECT_IN, &running)
      }
      if chunksReceived == before { return }
    }
  }

  /// Corks or uncorks sockets. A corked socket sends no partial packets, so that requests that share a connection and
  /// start in the same turn are sent together (https://man7.org/linux/man-pages/man7/tcp.7.html, TCP_CORK).
  private func cork(_ sockets: [Socket], _ isOn: Bool) {
    var value: Int32 = isOn ? 1 : 0
    for socket in sockets {
      setsockopt(socket.descriptor, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  private func finishTransfers() {
    var messagesLeft: Int32 = 0
    while let message = curl_multi_info_read(multi, &messagesLeft) {
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
    // Safety: the callbacks run only inside calls on `multi`, and `multi` is freed before `self`.
    let context = Unmanaged.passUnretained(self).toOpaque()
    let codes = [
      curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)),
      curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.idleConnectionsMax),
      curl_multi_set_socket_function(
        multi,
        { _, socket, what, context, _ in
          CurlMulti.from(context).setRequestedEvents(of: socket, what)
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
    guard let context else { preconditionFailure("libcurl passed no context to a callback") }
    return Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
  }

  /// Records which events libcurl requests for a socket. libcurl often changes them within a turn, so `registerEvents`
  /// updates epoll once, before the next wait.
  private func setRequestedEvents(of descriptor: Int32, _ what: Int32) {
    guard what != CURL_POLL_REMOVE else {
      // Removed immediately, because the descriptor may be reused for another socket before the turn ends. An error
      // only means that libcurl has already closed the socket, which also removes it from epoll.
      epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
      sockets.removeAll { $0.descriptor == descriptor }
      return
    }
    var events: UInt32 = 0
    if what & CURL_POLL_IN != 0 { events |= EPOLLIN.rawValue }
    if what & CURL_POLL_OUT != 0 { events |= EPOLLOUT.rawValue }
    if let index = sockets.firstIndex(where: { $0.descriptor == descriptor }) {
      sockets[index].requestedEvents = events
    } else {
      sockets.append(Socket(descriptor: descriptor, requestedEvents: events))
    }
  }

  /// Registers with epoll the events that libcurl has requested.
  private func registerEvents() {
    for index in sockets.indices
    where sockets[index].registeredEvents != sockets[index].requestedEvents {
      let socket = sockets[index]
      var event = epoll_event(events: socket.requestedEvents, data: epoll_data_t(fd: socket.descriptor))
      // MOD fails with ENOENT for a new socket. It also does for a socket that reuses the descriptor of one that
      // libcurl closed without a callback. If epoll accepts neither call, the socket is not watched, and its transfers
      // time out.
      let isRegistered =
        epoll_ctl(epoll, EPOLL_CTL_MOD, socket.descriptor, &event) == 0
        || errno == ENOENT && epoll_ctl(epoll, EPOLL_CTL_ADD, socket.descriptor, &event) == 0
      sockets[index].registeredEvents = isRegistered ? socket.requestedEvents : 0
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

  /// The time until `deadline` in milliseconds, rounded up so that the loop never wakes before a timer is due. At most
  /// one minute: a longer wait costs one idle turn per minute. -1 stands for no deadline.
  private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let remaining = ContinuousClock.now.duration(to: deadline)
    guard remaining > .zero else { return 0 }
    guard remaining < .seconds(60) else { return 60_000 }
    let (seconds, attoseconds) = remaining.components
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

/// libcurl's process-wide state.
enum CurlLibrary {
  /// Whether libcurl could be initialised. The first access initialises it.
  static let isInitialised: Bool = {
    // A static glibc has the "files" and "dns" resolvers built in. Naming only these keeps it from loading the host's
    // NSS modules.
    __nss_configure_lookup("hosts", "files dns")
    return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
  }()
}
