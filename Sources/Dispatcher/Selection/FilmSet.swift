/// The films that were seen: a bit for each, in pages that are there only where there are films.
///
/// Ids that follow one another, as in IMDb's files, share a page, and need neither a hash nor a place of their own. A
/// film that is far from all others takes a page, its number and its place in the table: some 45 bytes, and 60 with what
/// growing arrays keep free.
struct FilmSet {
  private static let pageBits = 256
  private static let wordBits = 64
  private static let pageWords = pageBits / wordBits

  private(set) var count = 0
  /// The pages' words, in the order in which the pages came.
  private var words: [UInt64] = []
  /// The pages' numbers.
  private var numbers: [UInt32] = []
  /// Where a page stands, counted from one; 0 where none does. Open addressing with linear probing, in a table whose
  /// size is a power of two and which is full to three fourths at most.
  private var table = [UInt32](repeating: 0, count: 64)
  /// Whoever writes the ids must not know it, lest they choose such as all fall on one slot.
  private let seed: UInt64
  /// The page that was used last, which is mostly the next one's too.
  private var last: (number: UInt32, page: Int)?

  init(seed: UInt64 = .random(in: 0...UInt64.max)) { self.seed = seed }

  /// - Parameter film: below two to the power of 40, so that a page's number has 32 bits.
  /// - Returns: whether the film is new.
  mutating func insert(_ film: UInt64) -> Bool {
    let (number, bit) = film.quotientAndRemainder(dividingBy: UInt64(Self.pageBits))
    let (word, place) = Int(bit).quotientAndRemainder(dividingBy: Self.wordBits)
    let index = page(UInt32(number)) * Self.pageWords + word
    let mask: UInt64 = 1 << UInt64(place)
    guard words[index] & mask == 0 else { return false }
    words[index] |= mask
    count += 1
    return true
  }

  private mutating func page(_ number: UInt32) -> Int {
    if let last, last.number == number { return last.page }
    let slot = slot(of: number)
    let page = table[slot] == 0 ? addPage(number, in: slot) : Int(table[slot]) - 1
    last = (number, page)
    return page
  }

  /// The slot in which a page stands, or is to stand.
  private func slot(of number: UInt32) -> Int {
    // Both halves of a product with an odd constant, folded, as wyhash mixes.
    let product = (UInt64(number) ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    var slot = Int((product.high ^ product.low) >> UInt64(table.count.leadingZeroBitCount + 1))
    while table[slot] != 0, numbers[Int(table[slot]) - 1] != number { slot = (slot + 1) & (table.count - 1) }
    return slot
  }

  private mutating func addPage(_ number: UInt32, in slot: Int) -> Int {
    let page = numbers.count
    numbers.append(number)
    words.append(contentsOf: repeatElement(0, count: Self.pageWords))
    table[slot] = UInt32(page + 1)
    if numbers.count > table.count / 4 * 3 { growTable() }
    return page
  }

  private mutating func growTable() {
    table = [UInt32](repeating: 0, count: 2 * table.count)
    for (page, number) in numbers.enumerated() { table[slot(of: number)] = UInt32(page + 1) }
  }
}
