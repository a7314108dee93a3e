/// Numbers that look random and are a pure function of what they are drawn for.
///
/// The mixing is SplitMix64's; the same seed gives the same numbers on every machine.
struct DeterministicRandom {
  private var state: UInt64

  /// Every list of words starts a sequence of its own.
  init(_ words: UInt64...) {
    state = 0x5DEE_CE66_D1CE_4E5B
    for word in words { state = DeterministicRandom.mix(state ^ word) }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return DeterministicRandom.mix(state)
  }

  /// A number from 0 up to `bound`, without it; 0 when `bound` is 0 or less.
  mutating func below(_ bound: Int) -> Int {
    guard bound > 0 else { return 0 }
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  mutating func one<Element>(of list: [Element]) -> Element {
    list[below(list.count)]
  }

  /// True `permille` times in a thousand.
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
