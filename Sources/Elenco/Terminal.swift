import Glibc

/// Where the program prints: results to standard output, everything else to standard error.
enum Terminal {
  /// Whether a person watches.
  static let isInteractive = isatty(STDERR_FILENO) == 1

  /// Columns of the terminal; 80 where it does not say.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  static func note(_ text: String) { draw(text + "\n") }

  /// Prints without ending the line. What does not get through is lost: there is no other place to tell.
  static func draw(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// Prints a result, whole.
  /// - Parameter descriptor: standard output, but for tests.
  /// - Throws: `OutputError` where it cannot be; nothing where nobody reads on, as behind `| head`.
  static func result(_ text: String, to descriptor: Int32 = STDOUT_FILENO) throws(OutputError) {
    let code = write(text + "\n", to: descriptor)
    guard code == 0 || code == EPIPE else { throw OutputError(code: code) }
  }

  /// - Returns: 0 when all of it is written, else what kept the rest from it, as errno has it.
  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
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

/// Standard output did not take a result.
struct OutputError: Error, Equatable, CustomStringConvertible {
  /// As errno has it.
  let code: Int32

  var description: String {
    "standard output: \(String(cString: strerror(code))). The result was not written whole."
  }
}
