/// Reads a file of edit rules: one per line. Empty lines and lines that start with `#` are skipped.
import Glibc

enum EditScript {
  static let fileBytesMax = 256 << 20

  /// - Throws: `UsageError` if the file cannot be read or has a line that is not a rule; it names the line.
  static func read(_ path: String) throws -> [Edit] {
    let text = String(decoding: try bytes(of: path), as: UTF8.self)
    var edits: [Edit] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard line.first.map({ $0 != "#" }) ?? false else { continue }
      do { edits.append(try Edit(parsing: String(line))) } catch let error as UsageError {
        throw UsageError("\(path), line \(index + 1): \(error)")
      }
    }
    return edits
  }

  private static func bytes(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "re") else {
      throw UsageError("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= fileBytesMax {
      let count = fread(&block, 1, block.count, file)
      bytes += block.prefix(count)
      guard count == block.count else {
        guard ferror(file) == 0 else {
          throw UsageError("cannot read \(path): \(String(cString: strerror(errno)))")
        }
        return bytes
      }
    }
    throw UsageError("\(path) is larger than \(fileBytesMax) bytes")
  }
}
