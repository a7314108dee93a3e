/// A failure to start a server.
import Glibc

package enum ServerError: Error, Equatable, CustomStringConvertible {
  case listen(port: UInt16, errno: Int32)
  case daemon
  case thread(errno: Int32)

  package var description: String {
    switch self {
    case .listen(let port, let code):
      "cannot listen on 127.0.0.1:\(port): \(Self.reason(code)); use --port 0 for a free port"
    case .daemon: "libmicrohttpd did not start; check the limit on open files (ulimit -n)"
    case .thread(let code): "cannot start a thread: \(Self.reason(code))"
    }
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
