import Glibc

/// The memory use of this process.
package enum ProcessMemory {
  /// Peak resident set size in bytes; 0 if /proc is not available.
  ///
  /// Read from /proc because `getrusage` includes the parent's memory at the time of the fork.
  package static var peakBytes: Int {
    guard let file = fopen("/proc/self/status", "re") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard text.hasPrefix("VmHWM:") else { continue }
      let kibibytes = text.dropFirst(6).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
      return (kibibytes ?? 0) * 1024
    }
    return 0
  }
}
