/// A failure to start the server or to write a file.
import Glibc

package enum StandInError: Error, Equatable, CustomStringConvertible {
  case listen(port: UInt16, errno: Int32)
  case log(path: String, errno: Int32)
  case file(path: String, errno: Int32)
  case daemon
  case thread(errno: Int32)

  package var description: String {
    switch self {
    case .listen(let port, let code):
      "cannot listen on 127.0.0.1:\(port): \(StandInError.reason(code)); use --port 0 for a free port"
    case .log(let path, let code): "cannot open the log \(path): \(StandInError.reason(code))"
    case .file(let path, let code): "cannot write \(path): \(StandInError.reason(code))"
    case .daemon:
      "libmicrohttpd did not start; check the limit on open files (ulimit -n)"
    case .thread(let code): "cannot start a thread: \(StandInError.reason(code))"
    }
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
