/// A failure to start the stand-in or to write a file.
import Glibc
import HTTPServer

package enum StandInError: Error, Equatable, CustomStringConvertible {
  case server(ServerError)
  case log(path: String, errno: Int32)
  case file(path: String, errno: Int32)

  package var description: String {
    switch self {
    case .server(let error): error.description
    case .log(let path, let code): "cannot open the log \(path): \(StandInError.reason(code))"
    case .file(let path, let code): "cannot write \(path): \(StandInError.reason(code))"
    }
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
