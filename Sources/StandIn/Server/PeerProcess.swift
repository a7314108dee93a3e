/// Finds the local process at the client's end of a connection: on one machine, all workers share an address.
import Glibc

enum PeerProcess {
  /// The id of the process that owns the client's end of a loopback connection; nil if it cannot be determined, for
  /// instance because the process belongs to another user.
  /// - Parameters:
  ///   - port: the client's port.
  ///   - peer: the server's port. It is needed because the client's port can be in use for several servers.
  static func id(ofPort port: UInt16, connectedTo peer: UInt16) -> pid_t? {
    guard let socket = socket(ofPort: port, connectedTo: peer) else { return nil }
    let link = "socket:[\(socket)]"
    return entries(of: "/proc").lazy.compactMap { pid_t($0) }.first { process in
      let folder = "/proc/\(process)/fd"
      return entries(of: folder).contains { target(of: "\(folder)/\($0)") == link }
    }
  }

  /// The inode of the client's socket, from /proc/net/tcp (https://docs.kernel.org/networking/proc_net_tcp.html): the
  /// second column is the local address, the third the remote address, the tenth the inode.
  private static func socket(ofPort port: UInt16, connectedTo peer: UInt16) -> Substring? {
    guard let file = fopen("/proc/net/tcp", "re") else { return nil }
    defer { fclose(file) }
    let (local, remote) = (suffix(of: port), suffix(of: peer))
    var line = [CChar](repeating: 0, count: 512)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let columns = text.split(separator: " ")
      if columns.count > 9, columns[1].hasSuffix(local), columns[2].hasSuffix(remote) { return columns[9] }
    }
    return nil
  }

  /// The end of an address with this port, in the notation of /proc/net/tcp.
  private static func suffix(of port: UInt16) -> String {
    let digits = String(port, radix: 16, uppercase: true)
    return ":" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }

  private static func entries(of folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  private static func target(of link: String) -> String? {
    var bytes = [CChar](repeating: 0, count: 256)
    let count = readlink(link, &bytes, bytes.count)
    return count < 0
      ? nil : String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
