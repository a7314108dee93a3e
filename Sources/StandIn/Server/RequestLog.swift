/// The log: a line for every request, gathered in memory and written in large pieces.
///
/// A line holds, with spaces between: microseconds from the server's start to the request's arrival, its wall
/// time in milliseconds since 1970, method, path without the query, status (0: no answer), bytes of the body
/// sent, the client's port. Lines stand in the order in which the answers were decided.
import Glibc

/// One request, as logged.
package struct RequestRecord: Equatable, Sendable {
  package var arrival: Duration
  package var wallMilliseconds: Int
  package var method: String
  /// Without the query.
  package var path: String
  /// 0 when there was no answer.
  package var status: Int
  package var bodyBytes: Int
  package var peerPort: UInt16

  var line: String {
    let (seconds, attoseconds) = arrival.components
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    return "\(microseconds) \(wallMilliseconds) \(RequestRecord.safe(method)) \(RequestRecord.safe(path)) "
      + "\(status) \(bodyBytes) \(peerPort)\n"
  }

  /// What a client sends may not break a line or a word, nor be endless.
  private static func safe(_ text: String) -> String {
    let plain: ClosedRange<UInt8> = 0x21...0x7e
    if text.utf8.count <= 256, text.utf8.allSatisfy(plain.contains) { return text }
    let question = UInt8(ascii: "?")
    return String(decoding: text.utf8.prefix(256).map { plain.contains($0) ? $0 : question }, as: UTF8.self)
  }
}

/// A file that lines are added to. Not for two threads at once.
final class RequestLog {
  private static let bufferMax = 256 << 10

  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// Empties the file, or makes it.
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

  /// Writes what is gathered. What cannot be written is dropped, and said on stderr.
  func flush() {
    var written = 0
    buffer.withUnsafeBytes { bytes in
      while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
          complain("the log could not be written: \(String(cString: strerror(errno)))")
          return
        }
        written += count
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// A line on stderr.
func complain(_ sentence: String) {
  let line = Array("standin: \(sentence)\n".utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
