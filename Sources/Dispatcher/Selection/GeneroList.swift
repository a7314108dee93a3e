import Shared

/// The genre fields of the selected films. Films share few different fields, so each is stored once.
struct GeneroList {
  /// Films with another field than these many different ones, or with a longer one, get the run's genres instead.
  private static let generosMax = 4096
  private static let generoBytesMax = 1000

  /// The distinct fields. The first one is empty and stands for the run's genres.
  private(set) var generos = [""]
  /// For each selected film, the index of its field in `generos`.
  private(set) var indexes: [UInt16] = []
  private var fields: [[UInt8]] = [[]]
  /// From a field's hash to its index. Different fields with the same hash have the first one's entry, and are compared.
  private var table: [UInt64: UInt16] = [:]
  /// The index of the most recent field, because consecutive films often have the same.
  private var last: UInt16 = 0

  mutating func append(_ genero: UnsafeRawBufferPointer) { indexes.append(index(of: genero)) }

  private mutating func index(of genero: UnsafeRawBufferPointer) -> UInt16 {
    if isEqual(last, genero) { return last }
    guard genero.count <= Self.generoBytesMax else { return 0 }
    // FNV-1a.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in genero { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    if let known = table[hash] {
      guard isEqual(known, genero) else { return 0 }
      last = known
      return known
    }
    guard generos.count <= Self.generosMax else { return 0 }
    last = UInt16(generos.count)
    table[hash] = last
    generos.append(String(decoding: genero, as: UTF8.self))
    fields.append(Array(genero))
    return last
  }

  private func isEqual(_ index: UInt16, _ genero: UnsafeRawBufferPointer) -> Bool {
    fields[Int(index)].withUnsafeBytes { RowBytes.areEqual($0, genero) }
  }
}
