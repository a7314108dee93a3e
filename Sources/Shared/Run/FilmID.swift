/// IMDb's id of a title: `tt` and 7 to 10 digits. Current ids have 7 or 8.
package enum FilmID {
  package static func isValid(_ id: String) -> Bool {
    let digits = id.utf8.dropFirst(2)
    return id.hasPrefix("tt") && (7...10).contains(digits.count)
      && digits.allSatisfy { (48...57).contains($0) }
  }
}
