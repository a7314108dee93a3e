/// The films that were seen: a bit for each, in pages that are there only where there are films.
///
/// Ids that follow one another, as in IMDb's files, share a page, and need neither a hash nor a place of their own.
struct FilmSet {
  private static let pageBits = 256
  private static let wordBits = 64

  private(set) var count = 0
  private var words: [UInt64] = []
  /// Where a page's words begin.
  private var pages: [UInt64: Int] = [:]
  /// The page that was used last, which is mostly the next one's too.
  private var page: (number: UInt64, start: Int)?

  /// - Returns: whether the film is new.
  mutating func insert(_ film: UInt64) -> Bool {
    let (number, bit) = film.quotientAndRemainder(dividingBy: UInt64(Self.pageBits))
    let (word, place) = Int(bit).quotientAndRemainder(dividingBy: Self.wordBits)
    let index = start(ofPage: number) + word
    let mask: UInt64 = 1 << UInt64(place)
    guard words[index] & mask == 0 else { return false }
    words[index] |= mask
    count += 1
    return true
  }

  private mutating func start(ofPage number: UInt64) -> Int {
    if let page, page.number == number { return page.start }
    let start = pages[number] ?? words.count
    if start == words.count {
      words.append(contentsOf: repeatElement(0, count: Self.pageBits / Self.wordBits))
      pages[number] = start
    }
    page = (number, start)
    return start
  }
}
