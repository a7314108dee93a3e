/// A set of film numbers, stored as a sparse bitmap of 256-bit pages.
///
/// A page is allocated when its first film is inserted. Consecutive ids, as in IMDb's files, share a page, so they cost
/// neither a hash lookup nor a page each. A film far from all others costs a page, its page number and a table slot:
/// about 45 bytes, or 60 with the spare capacity of growing arrays.
struct FilmSet {
  private static let pageBits = 256
  private static let wordBits = 64
  private static let pageWords = pageBits / wordBits

  private(set) var count = 0
  /// The words of all pages, in the order in which the pages were added.
  private var words: [UInt64] = []
  /// The page numbers, in the same order.
  private var numbers: [UInt32] = []
  /// A hash table from page number to page index plus 1; 0 marks an empty slot. It uses open addressing with linear
  /// probing. Its size is a power of two and it is at most three quarters full.
  private var table = [UInt32](repeating: 0, count: 64)
  /// Random, so that the author of a source cannot choose ids that all hash to the same slot.
  private let seed: UInt64
  /// The most recently used page, because the next film is usually on the same one.
  private var last: (number: UInt32, page: Int)?

  init(seed: UInt64 = .random(in: 0...UInt64.max)) { self.seed = seed }

  /// Inserts a film.
  /// - Parameter film: a number below 2^40, so that its page number fits into 32 bits.
  /// - Returns: whether the film was not in the set before.
  mutating func insert(_ film: UInt64) -> Bool {
    let (number, bit) = film.quotientAndRemainder(dividingBy: UInt64(Self.pageBits))
    let (word, bitInWord) = Int(bit).quotientAndRemainder(dividingBy: Self.wordBits)
    let index = page(UInt32(number)) * Self.pageWords + word
    let mask: UInt64 = 1 << UInt64(bitInWord)
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

  /// Returns the slot of a page, or the empty slot where the page is to be added.
  private func slot(of number: UInt32) -> Int {
    // Multiply by an odd constant and XOR both halves of the product: the mixing step of wyhash.
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
