/// An error in JSON text: its position and what is wrong.
package struct JSONError: Error, Equatable, CustomStringConvertible {
  /// The offset of the error in bytes, from 0.
  package let byte: Int
  package let reason: String

  package init(at byte: Int, _ reason: String) {
    self.byte = byte
    self.reason = reason
  }

  package var description: String { "not well-formed JSON at byte \(byte): \(reason)" }
}
