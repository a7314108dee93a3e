/// Why a header line does not tell which columns contain the ids and the genres. A description is the predicate of a
/// sentence, like that of a `SelectionError`.
enum HeaderError: Error, Equatable, CustomStringConvertible {
  /// A column that the scan needs, and the name that the event gives to it.
  struct Column: Equatable {
    let role: ColumnRole
    let chosenName: String?
  }

  case missing([Column], found: [String])
  case ambiguous(ColumnRole, candidates: [String], example: String)
  case duplicate(String)
  case sameColumn(String)

  /// Maximum number of column names in a description.
  private static let namesMax = 40

  var description: String {
    switch self {
    case .missing(let columns, let found):
      "has \(columns.map(\.absence).joined(separator: " and ")) in its header line. Its columns are: "
        + "\(Self.list(found)). If these are not its columns: fields must be separated by | or tab or ; or "
        + "comma, and all lines must end in the same way. Otherwise, name the columns in the event: "
        + "\"columns\": {\"id\": \"…\", \"genres\": \"…\"}."
    case .ambiguous(let role, let candidates, let example):
      "has several columns that could contain the \(role.content): \(Self.list(candidates)). Choose one of "
        + "them in the event, for example \"columns\": {\"\(role.field)\": \"\(example.printable)\"}."
    case .duplicate(let name):
      "has more than one column \(name.printable) in its header line. Rename or remove all but one."
    case .sameColumn(let name):
      "has one column \(name.printable) for both the film ids and the genres. Name two different columns in "
        + "the event's field \"columns\"."
    }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(namesMax).map(\.printable).joined(separator: ", ") + (names.count > namesMax ? ", …" : "")
  }
}

extension ColumnRole {
  fileprivate var content: String {
    switch self {
    case .id: "film ids"
    case .genres: "genres"
    }
  }

  /// The column's field in the event's `columns`.
  fileprivate var field: String {
    switch self {
    case .id: "id"
    case .genres: "genres"
    }
  }
}

extension HeaderError.Column {
  fileprivate var absence: String {
    if let chosenName {
      return "no column \(chosenName.printable), which the event names for the \(role.content),"
    }
    let names = role.usualNames
    return "no column of \(role.content) (\(names.dropLast().joined(separator: ", ")) or \(names.last ?? ""))"
  }
}
