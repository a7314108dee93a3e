/// The names that an event gives to a source's columns.
package struct SourceColumns: Equatable, Sendable {
  /// The column of film ids; nil if it has one of the usual names.
  package var id: String?
  /// The column of genres; nil if it has one of the usual names.
  package var genres: String?

  package init(id: String? = nil, genres: String? = nil) {
    self.id = id
    self.genres = genres
  }
}

extension EventFields {
  /// `columns`: an object with the column names `id` and `genres`, both optional.
  mutating func columns() throws(EventError) -> SourceColumns {
    guard var fields = try object("columns") else { return SourceColumns() }
    let columns = SourceColumns(id: try fields.columnName("id"), genres: try fields.columnName("genres"))
    try fields.finish()
    return columns
  }

  /// `titleTypes`: the title types that count as films.
  mutating func titleTypes() throws(EventError) -> [String] {
    guard let types = try strings("titleTypes", count: RunLimits.titleTypes) else {
      return RunDefaults.titleTypes
    }
    for type in types where !type.isName(in: RunLimits.titleTypeBytes) {
      throw refusal(
        "titleTypes", "contains \"\(type.printable)\"; each title type must be a name of 1 to 100 bytes")
    }
    return types
  }

  private mutating func columnName(_ field: String) throws(EventError) -> String? {
    guard let name = try string(field) else { return nil }
    guard name.isName(in: RunLimits.columnNameBytes) else {
      throw refusal(field, "must be a column's name of 1 to 200 bytes, not \"\(name.printable)\"")
    }
    return name
  }
}

extension String {
  /// Whether the text has an allowed number of bytes and does not consist of white space alone.
  func isName(in bytes: ClosedRange<Int>) -> Bool {
    bytes.contains(utf8.count) && contains { !$0.isWhitespace }
  }
}
