import Shared

/// An error that a Lambda function returned.
struct FunctionError: Error, CustomStringConvertible {
  let description: String

  /// - Parameters:
  ///   - name: what the error message calls the function: `the dispatcher`.
  ///   - payload: Lambda's error record. If it is not one, it is printed as it is.
  init(_ name: String, payload: [UInt8]) {
    struct Record: Decodable { let errorMessage: String? }
    let message = (try? JSONText.decode(Record.self, from: payload))?.errorMessage
    description = "\(name) failed: \(message ?? String(decoding: payload, as: UTF8.self).printable)"
  }
}
