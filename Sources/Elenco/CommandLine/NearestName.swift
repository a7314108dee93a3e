/// Finds what a mistyped name was meant to be.
enum NearestName {
  /// The most insertions, deletions and replacements of a character, and swaps of two, that count as a typing error.
  private static let editsMax = 2

  /// - Returns: the name that takes the fewest edits to get, the first of several; nil if none is near.
  static func of(_ word: String, among names: [String]) -> String? {
    let limit = min(editsMax, word.count / 2)
    let near = names.map { (name: $0, edits: edits(Array(word.lowercased()), Array($0))) }
      .filter { $0.edits <= limit || ($0.name.hasPrefix(word) && word.count >= 2) }
    return near.min { $0.edits < $1.edits }?.name
  }

  /// `; did you mean "status"?`, or nothing if no name is near.
  static func hint(_ word: String, among names: [String]) -> String {
    of(word, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// Levenshtein's distance in which two neighbours that are swapped are one edit (optimal string alignment).
  private static func edits(_ left: [Character], _ right: [Character]) -> Int {
    var (before, row) = ([Int](), Array(0...right.count))
    for i in left.indices {
      var next = [i + 1]
      for j in right.indices {
        var edits = min(row[j] + (left[i] == right[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        let isSwap = i > 0 && j > 0 && left[i] == right[j - 1] && left[i - 1] == right[j]
        if isSwap { edits = min(edits, before[j - 1] + 1) }
        next.append(edits)
      }
      (before, row) = (row, next)
    }
    return row[right.count]
  }
}
