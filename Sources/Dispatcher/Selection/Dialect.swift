import Shared

/// A source's field separator, quoting, and positions of the columns that the scan reads, detected from its header line.
struct Dialect: Equatable {
  let separator: UInt8
  /// Whether fields may be quoted as in RFC 4180. With the separators `|` and tab, a quote is an ordinary byte: the
  /// `movies.csv` that Elenco was made for is written that way.
  let isQuoted: Bool
  let idColumn: Int
  let genresColumn: Int
  /// Position of IMDb's column `titleType`; nil if the source does not have it.
  let titleTypeColumn: Int?
  /// Number of fields in the header.
  let columns: Int

  /// Position of the rightmost of the columns that the scan reads.
  let lastColumn: Int

  private static let pipe: UInt8 = 0x7C
  /// The supported separators, `|`, tab, `;` and `,`, in the order in which they are tried.
  private static let separators: [UInt8] = [pipe, 0x09, 0x3B, 0x2C]

  /// Whether `|` separates the genres of a film, which it does unless it separates fields.
  var hasPipesInGenres: Bool { separator != Self.pipe }

  /// Detects the dialect from a header line without its line break. The separator is the one that yields both a column
  /// of ids and one of genres. If several separators do, it is the one that yields the most columns.
  /// - Parameter chosen: the names of columns that the event gives.
  /// - Throws: `SelectionError.header`.
  init(header: UnsafeRawBufferPointer, chosen: SourceColumns = SourceColumns()) throws(SelectionError) {
    var best: (separator: UInt8, header: HeaderColumns)?
    for separator in Self.separators {
      let names = Self.names(header, separator: separator, isQuoted: Self.isQuoted(separator))
      let columns = HeaderColumns(names: names, chosen: chosen)
      if let best, columns.rank <= best.header.rank { continue }
      best = (separator, columns)
    }
    guard let (separator, header) = best else { throw .empty }
    do {
      (idColumn, genresColumn) = try header.idAndGenres()
      titleTypeColumn = try header.titleType()
    } catch {
      throw .header(error)
    }
    self.separator = separator
    isQuoted = Self.isQuoted(separator)
    columns = header.names.count
    lastColumn = max(idColumn, genresColumn, titleTypeColumn ?? 0)
  }

  private static func isQuoted(_ separator: UInt8) -> Bool { separator == 0x3B || separator == 0x2C }

  private static func names(_ header: UnsafeRawBufferPointer, separator: UInt8, isQuoted: Bool) -> [String] {
    var fields = FieldScanner(header, separator: separator, isQuoted: isQuoted)
    var names: [String] = []
    while let field = fields.next() {
      let bytes = isQuoted ? FieldScanner.unquoted(field) : Array(field)
      names.append(bytes.withUnsafeBytes { String(textBytes: $0) }.trimmed)
    }
    return names
  }
}
