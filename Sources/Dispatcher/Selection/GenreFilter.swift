import Shared

/// Whether a film's `genero`, names joined by commas without blanks, is among those asked for.
struct GenreFilter {
  private let asked: [[UInt8]]
  private let match: DispatcherEvent.Match

  init(genres: [String], match: DispatcherEvent.Match) {
    asked = Set(genres).sorted().map { Array($0.utf8) }
    self.match = match
  }

  /// - Parameter genero: the field's bytes; empty or `\N`, which stands for null, is no genre at all.
  func selects(_ genero: UnsafeRawBufferPointer) -> Bool {
    guard !Self.isNull(genero) else { return false }
    // One bit for each genre asked for: at most 50 (RunLimits.genres).
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
    // No name has decided it: within has met none but those asked for, any has met none of them.
    return switch match {
    case .within: true
    case .any: false
    case .all: found.nonzeroBitCount == asked.count
    }
  }

  static func isNull(_ field: UnsafeRawBufferPointer) -> Bool {
    field.isEmpty || (field.count == 2 && field[0] == 0x5C && field[1] == 0x4E)
  }

  private func index(of name: UnsafeRawBufferPointer) -> Int? {
    asked.firstIndex { genre in genre.withUnsafeBytes { RowBytes.areEqual($0, name) } }
  }
}
