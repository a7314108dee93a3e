import Glibc
import Shared

/// Writes results to standard output and everything else to standard error.
enum Terminal {
  static let style = TerminalStyle(environment: ProcessEnvironment.all())

  /// Whether standard error is a terminal where lines can be drawn again at the same place.
  static let isInteractive = isatty(STDERR_FILENO) == 1 && style.movesCursor

  /// Whether results go to a terminal.
  static let showsResults = isatty(STDOUT_FILENO) == 1

  /// The size of the terminal now; 80 columns and 24 rows if it is unknown.
  static func size(of descriptor: Int32) -> (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return (80, 24) }
    return (size.ws_col > 0 ? Int(size.ws_col) : 80, size.ws_row > 0 ? Int(size.ws_row) : 24)
  }

  /// Prints a line to standard error.
  static func note(_ text: String) { draw(text + "\n") }

  /// Prints to standard error without a line break. A failed write is ignored, because there is nowhere to report it.
  static func draw(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// Prints a result and a line break.
  /// - Parameter descriptor: the file descriptor to write to. Only tests use another one than standard output.
  /// - Throws: `OutputError` if the result cannot be written whole. A closed pipe, as with `| head`, is not an error.
  static func result(_ text: String, to descriptor: Int32 = STDOUT_FILENO) throws(OutputError) {
    let code = write(text + "\n", to: descriptor)
    guard code == 0 || code == EPIPE else { throw OutputError(code: code) }
  }

  /// - Returns: 0 if the whole text is written, otherwise the `errno` of the failed write.
  static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else {
        let code = count == 0 ? EIO : errno
        guard code == EINTR else { return code }
      }
    }
    return 0
  }
}

/// A result could not be written to standard output.
struct OutputError: Error, Equatable, CustomStringConvertible {
  /// The `errno` of the failed write.
  let code: Int32

  var description: String {
    "cannot write to standard output: \(String(cString: strerror(code))). The result is incomplete."
  }
}
