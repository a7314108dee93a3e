/// A source of random numbers: the system's generator, or a seeded one in simulations.
package protocol Randomness: Sendable {
  /// Returns a random number in 0..<1.
  func random() -> Double
}

extension Randomness {
  /// Returns a random number that distinguishes two holders that would otherwise have the same name.
  package func nonce() -> UInt32 { UInt32(random() * 4_294_967_296) }
}
