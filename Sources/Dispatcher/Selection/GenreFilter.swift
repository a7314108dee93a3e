import Shared

/// Decides whether a film's genres match the requested genres.
struct GenreFilter {
  private let requested: [[UInt8]]
  private let match: DispatcherEvent.Match

  init(genres: [String], match: DispatcherEvent.Match) {
    requested = Set(genres).sorted().map { Array($0.utf8) }
    self.match = match
  }

  /// Returns whether the filter selects a film. A film without genres is never selected.
  /// - Parameter genero: the bytes of the field: genre names separated by commas, without spaces. An empty field and
  ///   `\N`, which stands for null, both mean that the film has no genres.
  func selects(_ genero: UnsafeRawBufferPointer) -> Bool {
    guard !Self.isNull(genero) else { return false }
    // One bit for each requested genre that the film has. There are at most 50 (RunLimits.genres).
    var found: UInt64 = 0
    var start = 0
    while start <= genero.count {
      let end = RowBytes.index(of: 0x2C, in: genero, from: start) ?? genero.count
      let name = UnsafeRawBufferPointer(rebasing: genero[start..<end])
      switch (index(of: name), match) {
      case (nil, .within): return false
      case (_?, .any): return true
      case (let index?, _): found |= 1 << UInt64(index)
      case (nil, _): break
      }
      start = end + 1
    }
    // The loop ended without a decision: all genres of the film are requested (within), or none of them is (any).
    return switch match {
    case .within: true
    case .any: false
    case .all: found.nonzeroBitCount == requested.count
    }
  }

  static func isNull(_ field: UnsafeRawBufferPointer) -> Bool {
    field.isEmpty || (field.count == 2 && field[0] == 0x5C && field[1] == 0x4E)
  }

  private func index(of name: UnsafeRawBufferPointer) -> Int? {
    requested.firstIndex { genre in genre.withUnsafeBytes { RowBytes.areEqual($0, name) } }
  }
}
