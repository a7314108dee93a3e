import Shared

/// A function's own error, as Lambda hands it on.
struct FunctionError: Error, CustomStringConvertible {
  let description: String

  /// - Parameter name: how the sentence calls the function.
  init(_ name: String, payload: [UInt8]) {
    struct Record: Decodable { let errorMessage: String? }
    let message = (try? JSONText.decode(Record.self, from: payload))?.errorMessage
    description = "\(name) failed: \(message ?? String(decoding: payload, as: UTF8.self).printable)"
  }
}
