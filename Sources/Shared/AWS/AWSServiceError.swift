/// An error response of an AWS service, described in a sentence that says what to do about it.
package struct AWSServiceError: TypedError, Equatable {
  /// The name of the call: `GET s3://lake/Raw/movies.csv`, `Invoke of elenco-worker`.
  package let call: String
  package let status: Int
  /// The service's error code. Empty if the response has none, as after a HEAD.
  package let code: String
  package let message: String
  /// What the reader can do, as a whole sentence.
  package let advice: String

  /// The code of an error for a successful response that lacks a header which the service always sends.
  static let incompleteResponse = "IncompleteResponse"

  init(_ response: HTTPResponse, call: String, advice: String) {
    let body = AWSErrorBody(response)
    self.call = call
    status = response.status
    code = body.code
    message = body.message
    self.advice = advice
  }

  /// The error for a successful response that lacks a header which the service always sends.
  init(_ response: HTTPResponse, call: String, missing header: String, advice: String) {
    self.call = call
    status = response.status
    code = Self.incompleteResponse
    message = "the response has no \(header)"
    self.advice = advice
  }

  /// The advice for a transient error; nil for any other response.
  static func transientAdvice(_ response: HTTPResponse) -> String? {
    AWSClient.isTransient(status: response.status) { AWSErrorBody(response).code }
      ? "Every attempt failed. Try again later." : nil
  }

  /// Whether the error is transient, so that the same call may succeed later. Every attempt so far failed.
  package var isTransient: Bool { AWSClient.isTransient(status: status) { code } }

  package var errorType: String { code.isEmpty ? "AWSStatus\(status)" : code }

  package var description: String {
    let sentence = message.hasSuffix(".") ? String(message.dropLast()) : message
    let reason = [code, sentence].filter { !$0.isEmpty }.joined(separator: ": ")
    return "\(call): \(reason.isEmpty ? "HTTP status \(status)" : "\(reason) (\(status))"). \(advice)"
  }
}
