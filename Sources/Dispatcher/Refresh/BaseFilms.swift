import Shared

/// What a base knows about its films, in 24 bytes per film.
struct BaseFilms {
  struct Film: Equatable {
    let tmdbID: Int
    /// Index of the data file in the base's manifest.
    let file: Int
    let fetchedOn: UnixDay
  }

  enum Entry: Equatable {
    /// The base does not have the film.
    case unknown
    /// The base has no credits of the film: it was absent from TMDB.
    case absent
    case known(Film)
  }

  /// One row of the table.
  struct Row: Sendable {
    fileprivate let film: UInt64
    /// 0 for a film without credits.
    fileprivate let tmdbID: UInt64
    fileprivate let file: UInt32
    fileprivate let day: Int32

    /// Nil if the id is not an IMDb id.
    init?(_ id: String, _ film: Film?) {
      guard let number = BaseFilms.number(of: id) else { return nil }
      self.film = number
      tmdbID = UInt64(clamping: film?.tmdbID ?? 0)
      file = UInt32(clamping: film?.file ?? 0)
      day = Int32(clamping: film?.fetchedOn.number ?? 0)
    }
  }

  private var rows: [Row] = []

  /// - Parameter capacity: the expected number of films.
  init(capacity: Int) { rows.reserveCapacity(capacity) }

  var count: Int { rows.count }

  mutating func add(_ more: some Sequence<Row>) { rows.append(contentsOf: more) }

  /// To be called after the last row was added, and before the first look-up. Of several rows of a film, one with
  /// credits counts.
  mutating func sort() { rows.sort { $0.film == $1.film ? $0.tmdbID > $1.tmdbID : $0.film < $1.film } }

  subscript(id: String) -> Entry {
    guard let film = Self.number(of: id) else { return .unknown }
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].film < film { low = middle + 1 } else { high = middle }
    }
    guard low < rows.count, rows[low].film == film else { return .unknown }
    let row = rows[low]
    guard row.tmdbID > 0 else { return .absent }
    return .known(
      Film(tmdbID: Int(row.tmdbID), file: Int(row.file), fetchedOn: UnixDay(number: Int(row.day))))
  }

  /// A number that is unique to an IMDb id: the digits' value, and above it their number. Nil for other texts.
  static func number(of id: String) -> UInt64? {
    guard FilmID.isValid(id) else { return nil }
    let digits = id.utf8.dropFirst(2)
    // The value of ten digits is below 2^34.
    return UInt64(digits.count) << 34 | digits.reduce(0) { $0 * 10 + UInt64($1 - 48) }
  }
}
