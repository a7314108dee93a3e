/// A request, valid until its response is sent.
import CMicrohttpd
import Glibc

package struct ServerRequest {
  package let method: String
  /// Percent-decoded, without the query.
  package let path: String
  package let resumption: Resumption
  private let connection: OpaquePointer

  init(_ connection: OpaquePointer, method: String, path: String, resumption: Resumption) {
    self.connection = connection
    self.method = method
    self.path = path
    self.resumption = resumption
  }

  /// The value of the first header with this name; nil if the client did not send it.
  package func header(_ name: String) -> String? {
    http_server_header(connection, name).map { String(cString: $0) }
  }

  /// The value of a parameter of the query; nil if the client did not send it.
  package func argument(_ name: String) -> String? {
    http_server_argument(connection, name).map { String(cString: $0) }
  }

  /// The client's end of the connection; nil if it is unknown.
  package var peer: ServerPeer? { ServerPeer(connection) }
}

/// The client's end of a connection.
package struct ServerPeer {
  package let port: UInt16
  private let address: in_addr

  init?(_ connection: OpaquePointer) {
    guard let peer = http_server_peer(connection), peer.pointee.sa_family == AF_INET else { return nil }
    (port, address) = peer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      (UInt16(bigEndian: $0.pointee.sin_port), $0.pointee.sin_addr)
    }
  }

  /// `127.0.0.1`
  package var addressText: String { String(cString: inet_ntoa(address)) }
}
