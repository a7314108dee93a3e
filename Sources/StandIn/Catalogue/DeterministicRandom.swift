/// A random number generator whose numbers depend only on its seed: the same on every machine.
///
/// It uses SplitMix64's mixing function.
struct DeterministicRandom {
  private var state: UInt64

  /// - Parameter words: the seed.
  init(_ words: UInt64...) {
    state = 0x5DEE_CE66_D1CE_4E5B
    for word in words { state = DeterministicRandom.mix(state ^ word) }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return DeterministicRandom.mix(state)
  }

  /// A number in 0 ..< `bound`; 0 if `bound` is 0 or less.
  mutating func below(_ bound: Int) -> Int {
    guard bound > 0 else { return 0 }
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  mutating func one<Element>(of list: [Element]) -> Element {
    list[below(list.count)]
  }

  /// True with a probability of `permille` in a thousand.
  mutating func chance(permille: Int) -> Bool {
    below(1000) < permille
  }

  static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
