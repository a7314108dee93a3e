import Foundation
import Synchronization

/// A DNS server for one name, which it says is 127.0.0.1. On port 53, as resolv.conf can name no other, of a loopback
/// address that is this process's own.
public final class NameServer: Sendable {
  public let address: String
  private let name: [UInt8]
  private let socket: Int32
  private let state = Mutex((questions: 0, isStopped: false))

  /// Throws `ChildProcess.Failed` where port 53 may not be used.
  public init(name: String) throws {
    let process = getpid()
    address = "127.53.\((process >> 8) & 0xFF).\(process & 0xFF)"
    self.name = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 } + [0]
    socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = in_port_t(53).bigEndian
    place.sin_addr.s_addr = inet_addr(address)
    let isBound = withUnsafePointer(to: &place) { pointer in
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

  /// Whether this process may have a server: it needs port 53.
  public static let isPermitted: Bool = {
    guard let server = try? NameServer(name: "probe.test") else { return false }
    server.stop()
    return true
  }()

  /// How often the name was asked for.
  public var questions: Int { state.withLock { $0.questions } }

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
      let answer = answer(Array(buffer[..<count]))
      sendto(socket, answer, answer.count, 0, &peer, size)
    }
    close(socket)
  }

  /// RFC 1035, 4.1: the question again, and for an A question of the name one record. Any other name does not exist.
  private func answer(_ query: [UInt8]) -> [UInt8] {
    let question = Array(query.dropFirst(12).prefix(name.count + 4))
    guard query.count >= 12, Array(question.prefix(name.count)) == name, question.count == name.count + 4
    else { return Array(query.prefix(2)) + [0x81, 0x83, 0, 0, 0, 0, 0, 0, 0, 0] }
    state.withLock { $0.questions += 1 }
    let isA = question.suffix(4).elementsEqual([0, 1, 0, 1])
    let record: [UInt8] = isA ? [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1] : []
    return Array(query.prefix(2)) + [0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0] + question + record
  }
}
