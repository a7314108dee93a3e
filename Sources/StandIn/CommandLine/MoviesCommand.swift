/// Writes a generated movies.csv, and says on stderr what is in it.
import Glibc

enum MoviesCommand {
  private static let bufferBytes = 1 << 20

  static func run(films: Int, output path: String) throws(StandInError) {
    let counts = MovieCounts.scaled(to: films)
    let isFile = path != "-"
    let descriptor = isFile ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) : STDOUT_FILENO
    guard descriptor >= 0 else { throw .file(path: path, errno: errno) }
    var writer = MovieWriter(counts)
    var buffer = Array(MovieWriter.header.utf8)
    buffer.reserveCapacity(bufferBytes + 8192)
    var total = 0
    var isMore = true
    while isMore {
      isMore = writer.appendFilm(to: &buffer)
      guard buffer.count >= bufferBytes || !isMore else { continue }
      try write(buffer, to: descriptor, path)
      total += buffer.count
      buffer.removeAll(keepingCapacity: true)
    }
    if isFile, close(descriptor) != 0 { throw .file(path: path, errno: errno) }
    complain(
      "\(counts.films) films in \(counts.rows) rows, \(counts.selected) selected, "
        + "\(total) bytes written to \(path)")
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(StandInError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .file(path: path, errno: errno) }
      rest = rest.dropFirst(count)
    }
  }
}
