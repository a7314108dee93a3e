/// Where and how bytes are not the JSON they should be.
package struct JSONError: Error, Equatable, CustomStringConvertible {
  /// From 0.
  package let byte: Int
  package let reason: String

  package init(at byte: Int, _ reason: String) {
    self.byte = byte
    self.reason = reason
  }

  package var description: String { "not well-formed JSON at byte \(byte): \(reason)" }
}
