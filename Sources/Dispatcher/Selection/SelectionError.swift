import Shared

/// Why no films could be selected from a source. A description is the predicate of a sentence: `SourceError` puts the
/// source's address in front of it.
enum SelectionError: Error, Equatable, CustomStringConvertible {
  case empty
  case unsupportedFormat(SourceFormat)
  case header(HeaderError)
  case rowTooLong(row: Int, bytesMax: Int)
  case unclosedQuote(row: Int)
  case corruptGzip(String)
  case noRequestedType(rows: Int, types: [String], requested: [String])
  case nothingSelected(rows: Int, skipped: Int, firstSkipped: String?, genres: [String], requested: [String])

  var description: String {
    switch self {
    case .empty: "is empty. It must start with a header line that has the columns id and genero."
    case .unsupportedFormat(let format): format.refusal
    case .header(let error): error.description
    case .rowTooLong(let row, let bytesMax):
      "has a row that is too long: row \(row) has more than \(bytesMax) bytes. Are the rows separated by "
        + "line breaks?"
    case .unclosedQuote(let row): "ends inside a quoted field in row \(row): the closing quote is missing."
    case .corruptGzip(let reason): "is gzip data that cannot be decompressed: \(reason)."
    case .noRequestedType(let rows, let types, let requested):
      "has no row of the title \(requested.count == 1 ? "type" : "types") \(Self.list(requested)). Rows read: "
        + "\(rows). The types in its column titleType include: \(Self.list(types)). Name the types to count as films "
        + "in the event's field \"titleTypes\"."
    case .nothingSelected(let rows, let skipped, let firstSkipped, let genres, let requested):
      "has no film that matches the \(requested.count == 1 ? "genre" : "genres") \(Self.list(requested)). "
        + "Rows read: \(rows)\(Self.unreadable(skipped, firstSkipped))."
        + (rows == skipped
          ? "" : genres.isEmpty ? " No row has a genre." : " Its genres include: \(Self.list(genres)).")
    }
  }

  private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }

  private static func unreadable(_ count: Int, _ first: String?) -> String {
    count > 0 ? ", of which unreadable: \(count) (such as \(first ?? ""))" : ""
  }
}
