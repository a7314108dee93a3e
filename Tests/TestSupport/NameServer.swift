import Foundation
import Synchronization

/// A DNS server that resolves one name to 127.0.0.1.
///
/// It listens on port 53, because resolv.conf cannot specify another port. Its loopback address is derived from this
/// process's id.
public final class NameServer: Sendable {
  public let address: String
  private let name: [UInt8]
  private let socket: Int32
  private let state = Mutex((queries: 0, isStopped: false))

  /// Throws `ChildProcess.Failed` if this process is not permitted to bind port 53.
  public init(name: String) throws {
    let process = getpid()
    address = "127.53.\((process >> 8) & 0xFF).\(process & 0xFF)"
    self.name = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 } + [0]
    socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var endpoint = sockaddr_in()
    endpoint.sin_family = sa_family_t(AF_INET)
    endpoint.sin_port = in_port_t(53).bigEndian
    endpoint.sin_addr.s_addr = inet_addr(address)
    let isBound = withUnsafePointer(to: &endpoint) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isBound else {
      close(socket)
      throw ChildProcess.Failed(description: "port 53 of \(address) cannot be used")
    }
    Thread { [self] in serve() }.start()
  }

  /// Whether this process is permitted to bind port 53.
  public static let isPermitted: Bool = {
    guard let server = try? NameServer(name: "probe.test") else { return false }
    server.stop()
    return true
  }()

  /// Number of queries for the name.
  public var queries: Int { state.withLock { $0.queries } }

  public func stop() {
    state.withLock { $0.isStopped = true }
    shutdown(socket, Int32(SHUT_RDWR))
  }

  private func serve() {
    var buffer = [UInt8](repeating: 0, count: 1500)
    while !state.withLock({ $0.isStopped }) {
      var peer = sockaddr()
      var size = socklen_t(MemoryLayout<sockaddr>.size)
      let count = recvfrom(socket, &buffer, buffer.count, 0, &peer, &size)
      guard count > 0 else { continue }
      let response = response(to: Array(buffer[..<count]))
      sendto(socket, response, response.count, 0, &peer, size)
    }
    close(socket)
  }

  /// Builds the response by RFC 1035, section 4.1: the question repeated, and one record if it is an A query for the
  /// name. Any other name gets NXDOMAIN.
  private func response(to query: [UInt8]) -> [UInt8] {
    let question = Array(query.dropFirst(12).prefix(name.count + 4))
    guard query.count >= 12, Array(question.prefix(name.count)) == name, question.count == name.count + 4
    else { return Array(query.prefix(2)) + [0x81, 0x83, 0, 0, 0, 0, 0, 0, 0, 0] }
    state.withLock { $0.queries += 1 }
    let isA = question.suffix(4).elementsEqual([0, 1, 0, 1])
    let record: [UInt8] = isA ? [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1] : []
    return Array(query.prefix(2)) + [0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0] + question + record
  }
}
