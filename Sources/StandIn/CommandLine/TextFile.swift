/// Reads a small file whole.
import Glibc

enum TextFile {
  /// A failure script is a few lines.
  static let bytesMax = 1 << 20

  static func read(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StandInError.file(path: path, errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw StandInError.file(path: path, errno: errno) }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(count)
      guard bytes.count <= bytesMax else { throw UsageError("\(path): larger than \(bytesMax) bytes") }
    }
  }
}
