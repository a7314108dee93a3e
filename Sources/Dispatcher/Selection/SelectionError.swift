import Shared

/// Why a source gives no selection. The sentences name the source once `SourceReader` has put it in front.
enum SelectionError: Error, Equatable, CustomStringConvertible {
  case empty
  case noColumns(found: [String])
  case columnTwice(String)
  case rowTooLong(row: Int, bytesMax: Int)
  case unclosedQuote(row: Int)
  case corruptGzip(String)
  case nothingSelected(rows: Int, skipped: Int, firstSkipped: String?, genres: [String], asked: [String])

  var description: String {
    switch self {
    case .empty: "is empty. It must begin with a header line that names the columns id and genero."
    case .noColumns(let found):
      "has no columns id and genero in its first line, with | , ; or tab between them. Its columns are: "
        + found.map(\.printable).joined(separator: ", ") + "."
    case .columnTwice(let name):
      "has two columns \(name) in its first line, so it is not clear which one counts."
    case .rowTooLong(let row, let bytesMax):
      "has a row \(row) of more than \(bytesMax) bytes. Is the separator of rows a line break there?"
    case .unclosedQuote(let row): "ends inside a quoted field that begins in row \(row): a quote is missing."
    case .corruptGzip(let reason): "is compressed and cannot be unpacked: \(reason)."
    case .nothingSelected(let rows, let skipped, let firstSkipped, let genres, let asked):
      "has no film of the genres \(asked.joined(separator: ", ")) among its \(rows) rows"
        + (skipped > 0 ? " (\(skipped) could not be read, such as \(firstSkipped ?? ""))" : "") + ". "
        + (genres.isEmpty ? "No row has a genre." : "Its genres are: \(genres.joined(separator: ", ")).")
    }
  }
}
