/// The socket that the server listens on.
import Glibc

enum Listener {
  /// Opens, binds and listens, not blocking, with SO_REUSEADDR.
  /// - Returns: the descriptor, which the caller owns, and the port, chosen by the system when 0 was asked for.
  static func open(address: String, port: UInt16) throws(StandInError) -> (descriptor: Int32, port: UInt16) {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else { throw .address(address) }
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_INET, kind, 0)
    guard descriptor >= 0 else { throw .listen(address: address, port: port, errno: errno) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        bind(descriptor, name, size) | listen(descriptor, 4096) | getsockname(descriptor, name, &size)
      }
    }
    guard result == 0 else {
      let code = errno
      close(descriptor)
      throw .listen(address: address, port: port, errno: code)
    }
    return (descriptor, UInt16(bigEndian: name.sin_port))
  }

  /// Lets this process open as many files as it may: a soft limit of 1024 is too few for thousands of clients.
  /// - Returns: the limit that holds now.
  @discardableResult
  static func raiseFileLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    if limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = limit.rlim_max
      if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }
}
