/// Finds what a mistyped name was meant to be.
enum NearestName {
  /// The most insertions, deletions and replacements of a character that count as a typing error.
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

  /// The Levenshtein distance.
  private static func edits(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (i, character) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in right.indices {
        let replaced = diagonal + (character == right[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count]
  }
}
