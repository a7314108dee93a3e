/// Writes a generated movies.csv and prints its counts on stderr.
import Glibc

enum MoviesCommand {
  private static let bufferBytes = 1 << 20

  /// - Throws: `StandInError.file` if the file cannot be written.
  static func run(films: Int, path: String) throws(StandInError) {
    let counts = MovieCounts.scaled(to: films)
    guard let file = fopen(path, "we") else { throw .file(path: path, errno: errno) }
    var writer = MovieWriter(counts)
    var buffer = Array(MovieWriter.header.utf8)
    buffer.reserveCapacity(bufferBytes + 8192)
    var total = 0
    var isMore = true
    while isMore {
      isMore = writer.appendFilm(to: &buffer)
      guard buffer.count >= bufferBytes || !isMore else { continue }
      guard fwrite(buffer, 1, buffer.count, file) == buffer.count else {
        throw .file(path: path, errno: errno)
      }
      total += buffer.count
      buffer.removeAll(keepingCapacity: true)
    }
    guard fclose(file) == 0 else { throw .file(path: path, errno: errno) }
    printError(
      "wrote \(total) bytes to \(path): \(counts.films) films in \(counts.rows) rows, "
        + "\(counts.selected) of them selected")
  }
}
