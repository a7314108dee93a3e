import Glibc
import Synchronization

/// Listening sockets and free ports on 127.0.0.1.
public enum Loopback {
  public struct Failed: Error {}

  /// Ports that `freePort` returns. They are below the kernel's ephemeral range (32768 and up), so that no outgoing
  /// connection can take a port between the check and its use. For each port it is given, SeaweedFS also opens the port
  /// 10,000 above it.
  private static let candidates = 10_240..<20_240
  private static let next = Mutex(Int.random(in: candidates))

  /// Returns a free port, for programs that cannot pick one themselves. Successive calls return different ports.
  public static func freePort() throws -> Int {
    for _ in candidates {
      let port = next.withLock { next in
        next = next + 1 < candidates.upperBound ? next + 1 : candidates.lowerBound
        return next
      }
      if let (socket, _) = try? listen(on: port, backlog: 1) {
        close(socket)
        return port
      }
    }
    throw Failed()
  }

  /// Opens a listening socket. With port 0, the system picks the port.
  public static func listen(on port: Int = 0, backlog: Int32 = 128) throws -> (socket: Int32, port: Int) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && Glibc.listen(listener, backlog) == 0
          && getsockname(listener, $0, &size) == 0
      }
    }
    guard listener >= 0, isBound else {
      close(listener)
      throw Failed()
    }
    return (listener, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// Waits until the port accepts connections. Throws after one minute.
  public static func waitForPort(_ port: Int) throws {
    for _ in 0..<1200 {
      let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(probe) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(UInt16(port)).bigEndian
      address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      let isOpen = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(probe, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      if isOpen { return }
      usleep(50_000)
    }
    throw Failed()
  }
}
