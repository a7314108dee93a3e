/// Random numbers as a worker draws them: the system's, or a simulation's seeded ones.
package protocol Randomness: Sendable {
  /// A number in 0..<1.
  func random() -> Double
}

extension Randomness {
  /// A number that tells one holder of a name from another.
  package func nonce() -> UInt32 { UInt32(random() * 4_294_967_296) }
}
