import Shared

/// Decides whether a film's genres match the requested genres.
struct GenreFilter {
  private let requested: NameList
  private let match: DispatcherEvent.Match
  /// One bit for each requested genre that no film has had so far. There are at most 50 (`RunLimits.genres`).
  private var unseen: UInt64

  init(genres: [String], match: DispatcherEvent.Match) {
    requested = NameList(genres)
    self.match = match
    unseen = 1 << UInt64(requested.names.count) - 1
  }

  /// The requested genres that no film has had so far.
  var genresWithoutFilms: [String] {
    requested.names.indices.filter { unseen >> UInt64($0) & 1 == 1 }.map { requested.names[$0] }
  }

  /// Returns whether the filter selects a film. A film without genres is never selected.
  /// - Parameters:
  ///   - field: genre names separated by commas. Case and white space around a name are ignored. An empty field and
  ///     `\N`, which stands for null, both mean that the film has no genres.
  ///   - hasPipes: whether names may also be separated by `|`, which is the case unless it separates fields.
  mutating func selects(_ field: UnsafeRawBufferPointer, hasPipes: Bool) -> Bool {
    let field = field.trimmed
    guard !Self.isNull(field) else { return false }
    var found: UInt64 = 0
    var hasOthers = false
    var start = 0
    while start <= field.count {
      let end = Self.endOfName(in: field, from: start, hasPipes: hasPipes)
      let name = UnsafeRawBufferPointer(rebasing: field[start..<end])
      if let index = requested.index(of: name) { found |= 1 << UInt64(index) } else { hasOthers = true }
      // Once every requested genre has been seen, the rest of the field matters only if nothing is decided.
      if unseen == 0 {
        if hasOthers, match == .within { return false }
        if found != 0, match == .any { return true }
      }
      start = end + 1
    }
    unseen &= ~found
    return switch match {
    case .within: !hasOthers
    case .any: found != 0
    case .all: found.nonzeroBitCount == requested.names.count
    }
  }

  /// - Parameter field: a field without white space around it.
  static func isNull(_ field: UnsafeRawBufferPointer) -> Bool {
    field.isEmpty || (field.count == 2 && field[0] == 0x5C && field[1] == 0x4E)
  }

  @inline(__always)
  private static func endOfName(
    in field: UnsafeRawBufferPointer, from start: Int, hasPipes: Bool
  ) -> Int {
    let end = RowBytes.index(of: 0x2C, in: field, from: start) ?? field.count
    guard hasPipes else { return end }
    return RowBytes.index(of: 0x7C, in: UnsafeRawBufferPointer(rebasing: field[..<end]), from: start) ?? end
  }
}
