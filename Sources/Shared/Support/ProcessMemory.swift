import Glibc

/// How much memory this process has used.
package enum ProcessMemory {
  /// The largest resident size so far, in bytes; 0 where /proc is missing.
  ///
  /// From /proc, since `getrusage` counts what the parent had when it forked.
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
