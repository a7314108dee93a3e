/// Why a stand-in could not start or go on.
import Glibc

package enum StandInError: Error, Equatable, CustomStringConvertible {
  case address(String)
  case listen(address: String, port: UInt16, errno: Int32)
  case log(path: String, errno: Int32)
  case file(path: String, errno: Int32)
  case daemon
  case thread(errno: Int32)

  package var description: String {
    switch self {
    case .address(let address): "\(address): not an IPv4 address; write it as 127.0.0.1"
    case .listen(let address, let port, let code):
      "cannot listen on \(address):\(port): \(StandInError.reason(code)); --port 0 takes any free port"
    case .log(let path, let code): "cannot open the log \(path): \(StandInError.reason(code))"
    case .file(let path, let code): "\(path): \(StandInError.reason(code))"
    case .daemon: "libmicrohttpd did not start; are there file descriptors left (ulimit -n)?"
    case .thread(let code): "cannot start a thread: \(StandInError.reason(code))"
    }
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
