/// The listening socket and the limit on open files.
import Glibc

/// A non-blocking listening socket on 127.0.0.1, which nothing outside of this machine can reach.
package struct Listener {
  package let port: UInt16
  /// Owned by the server that is started with it.
  let descriptor: Int32

  /// - Parameter port: 0 lets the system choose a port.
  package init(port: UInt16) throws(ServerError) {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    descriptor = socket(AF_INET, kind, 0)
    guard descriptor >= 0 else { throw .listen(port: port, errno: errno) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        bind(descriptor, name, size) | listen(descriptor, 4096) | getsockname(descriptor, name, &size)
      }
    }
    guard result == 0 else {
      let code = errno
      close(descriptor)
      throw .listen(port: port, errno: code)
    }
    self.port = UInt16(bigEndian: name.sin_port)
  }

  /// Closes the socket, if no server is started with it.
  package func discard() { close(descriptor) }

  /// Raises the soft limit on open files to the hard limit: the usual 1024 is too few for thousands of clients.
  /// - Returns: the limit now in force.
  @discardableResult
  package static func raiseFileLimit() -> Int {
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
