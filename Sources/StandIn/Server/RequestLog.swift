/// The log file: a line per request, buffered in memory and written in large blocks.
///
/// A line has these fields, separated by spaces: microseconds from the server's start to the request's arrival, the
/// arrival in milliseconds since 1970, method, path without the query, status (0: no response), bytes of the body
/// sent, the client's port. The lines are in the order in which the responses were decided.
import Glibc

/// One request, as recorded in memory and in the log.
package struct RequestRecord: Equatable, Sendable {
  /// Since the server's start.
  package var arrival: Duration
  /// The arrival since 1970.
  package var wallMilliseconds: Int
  package var method: String
  /// Without the query.
  package var path: String
  /// 0 if there was no response.
  package var status: Int
  package var bodyBytes: Int
  package var peerPort: UInt16

  var line: String {
    let (seconds, attoseconds) = arrival.components
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    return "\(microseconds) \(wallMilliseconds) \(RequestRecord.safe(method)) \(RequestRecord.safe(path)) "
      + "\(status) \(bodyBytes) \(peerPort)\n"
  }

  /// Replaces spaces and control characters, which would split a field or a line, and cuts the text to 256 bytes.
  private static func safe(_ text: String) -> String {
    let plain: ClosedRange<UInt8> = 0x21...0x7e
    if text.utf8.count <= 256, text.utf8.allSatisfy(plain.contains) { return text }
    let question = UInt8(ascii: "?")
    return String(decoding: text.utf8.prefix(256).map { plain.contains($0) ? $0 : question }, as: UTF8.self)
  }
}

/// Appends lines to a file. Not thread-safe.
final class RequestLog {
  private static let bufferMax = 256 << 10

  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// Creates or truncates the file.
  init(path: String) throws(StandInError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .log(path: path, errno: errno) }
  }

  deinit { close(descriptor) }

  var isEmpty: Bool { buffer.isEmpty }

  func add(_ record: RequestRecord) {
    buffer += record.line.utf8
    if buffer.count >= RequestLog.bufferMax { flush() }
  }

  /// Writes the buffer. If that fails, it drops the rest of the buffer and prints the reason on stderr.
  func flush() {
    var written = 0
    buffer.withUnsafeBytes { bytes in
      while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
          printError("cannot write the log: \(String(cString: strerror(errno)))")
          return
        }
        written += count
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
