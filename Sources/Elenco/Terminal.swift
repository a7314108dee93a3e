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

  static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Prints without ending the line.
  static func draw(_ text: String) { write(text, to: STDERR_FILENO) }

  static func result(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      // Nobody reads on: there is no one to tell.
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
