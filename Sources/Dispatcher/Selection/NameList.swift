/// Names that fields are compared with, regardless of case and of white space around them.
///
/// Names of ASCII characters, which is what IMDb has, are compared eight bytes at a time. A name with other letters is
/// compared as text, and only with fields that are not ASCII either.
struct NameList {
  /// The distinct names without white space around them, first those of ASCII characters.
  let names: [String]
  /// The keys of the ASCII names.
  private let keys: [NameKey]
  /// One bit for each length of the ASCII names, which tells most other names apart from them. All bits if there are
  /// names with other letters, because these can be stored in different numbers of bytes.
  private let lengths: UInt64
  /// All names in lower case.
  private let lowercase: [String]

  init(_ given: [String]) {
    var distinct: [(name: String, lowercase: String)] = []
    for name in given.map(\.trimmed) {
      let lowercase = name.lowercased()
      if !distinct.contains(where: { $0.lowercase == lowercase }) { distinct.append((name, lowercase)) }
    }
    let ascii = distinct.filter { $0.lowercase.utf8.allSatisfy { $0 < 0x80 } }
    let others = distinct.filter { !$0.lowercase.utf8.allSatisfy { $0 < 0x80 } }
    names = (ascii + others).map(\.name)
    lowercase = (ascii + others).map(\.lowercase)
    keys = ascii.map { Array($0.lowercase.utf8).withUnsafeBytes { NameKey($0) } }
    lengths =
      others.isEmpty ? ascii.reduce(0) { $0 | Self.bit(length: $1.lowercase.utf8.count) } : UInt64.max
  }

  /// Returns the position of the name that a field contains; nil if it contains none of them.
  @inline(__always)
  func index(of field: UnsafeRawBufferPointer) -> Int? {
    let field = field.trimmed
    guard lengths & Self.bit(length: field.count) != 0 else { return nil }
    return search(field)
  }

  @inline(never)
  private func search(_ field: UnsafeRawBufferPointer) -> Int? {
    let key = NameKey(field)
    for index in keys.indices where keys[index] == key {
      if key.isWhole || lowercase[index] == String(textBytes: field).lowercased() { return index }
    }
    guard keys.count < names.count, field.contains(where: { $0 >= 0x80 }) else { return nil }
    return lowercase[keys.count...].firstIndex(of: String(textBytes: field).lowercased())
  }

  @inline(__always)
  private static func bit(length: Int) -> UInt64 { 1 << UInt64(min(length, 63)) }
}

/// A name's length, first eight and last eight bytes, with ASCII letters in lower case.
private struct NameKey: Equatable {
  private static let wordBytes = 8

  private let count: Int
  private let first: UInt64
  /// 0 if the first word contains the whole name.
  private let last: UInt64

  @inline(__always)
  init(_ name: UnsafeRawBufferPointer) {
    count = name.count
    first = Self.lowercase(Self.firstWord(name))
    // Safety: the name is longer than a word.
    last =
      count <= Self.wordBytes
      ? 0
      : Self.lowercase(
        UInt64(littleEndian: name.loadUnaligned(fromByteOffset: count - Self.wordBytes, as: UInt64.self)))
  }

  /// Whether the two words contain the whole name.
  var isWhole: Bool { count <= 2 * Self.wordBytes }

  /// The first eight bytes, padded with zeros.
  @inline(__always)
  private static func firstWord(_ name: UnsafeRawBufferPointer) -> UInt64 {
    let count = name.count
    // Safety: both loads stay within the name. The two halves of a shorter name overlap with equal bits.
    if count >= wordBytes { return UInt64(littleEndian: name.loadUnaligned(as: UInt64.self)) }
    if count >= 4 {
      let start = UInt32(littleEndian: name.loadUnaligned(as: UInt32.self))
      let end = UInt32(littleEndian: name.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
      return UInt64(start) | UInt64(end) << UInt64(8 * (count - 4))
    }
    var word: UInt64 = 0
    for index in 0..<count { word |= UInt64(name[index]) << UInt64(8 * index) }
    return word
  }

  /// Converts the ASCII letters among eight bytes to lower case: the usual arithmetic on all bytes at once, in which bit
  /// 7 of each byte becomes the result of its comparison.
  @inline(__always)
  private static func lowercase(_ word: UInt64) -> UInt64 {
    let high: UInt64 = 0x8080_8080_8080_8080
    let low = word & ~high
    let isAtLeastA = low &+ 0x3F3F_3F3F_3F3F_3F3F
    let isAboveZ = low &+ 0x2525_2525_2525_2525
    return word | (isAtLeastA & ~isAboveZ & ~word & high) >> 2
  }
}
