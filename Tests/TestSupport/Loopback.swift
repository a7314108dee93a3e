import Glibc
import Synchronization

/// Sockets on 127.0.0.1.
public enum Loopback {
  public struct Failed: Error {}

  /// Far below those that the system gives to connections by itself: none of these can take a port between its being
  /// found free and its use. SeaweedFS opens, for each port that it is told, another one 10,000 above it.
  private static let handedOut = 10_240..<20_240
  private static let next = Mutex(Int.random(in: handedOut))

  /// A port that is free, for programs that cannot pick one themselves. Each call gives another.
  public static func freePort() throws -> Int {
    for _ in handedOut {
      let port = next.withLock { next in
        next = next + 1 < handedOut.upperBound ? next + 1 : handedOut.lowerBound
        return next
      }
      if let (socket, _) = try? listen(on: port, backlog: 1) {
        close(socket)
        return port
      }
    }
    throw Failed()
  }

  /// A listening socket, on a port of the system's choice unless one is said.
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

  /// Waits until something accepts connections on the port, or a minute has passed.
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
