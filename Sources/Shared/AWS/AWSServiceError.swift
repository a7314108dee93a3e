/// A call that a service answered with an error, as a sentence that says what to do about it.
package struct AWSServiceError: TypedError, Equatable {
  /// `GET s3://lake/Raw/movies.csv`, `Invoke of elenco-worker`.
  package let call: String
  package let status: Int
  /// The service's name for the error; empty where it gave none, as for a HEAD.
  package let code: String
  package let message: String
  /// What the reader may do.
  package let advice: String

  init(_ response: HTTPResponse, call: String, advice: String) {
    let body = AWSErrorBody(response)
    self.call = call
    status = response.status
    code = body.code
    message = body.message
    self.advice = advice
  }

  /// What to do about an answer that asking again may mend; nil for any other.
  static func passingAdvice(_ response: HTTPResponse) -> String? {
    AWSClient.isPassing(status: response.status) { AWSErrorBody(response).code }
      ? "It was so at every try: try again later." : nil
  }

  /// Whether the trouble may be over the next time; it was not at any of the tries.
  package var isPassing: Bool { AWSClient.isPassing(status: status) { code } }

  package var errorType: String { code.isEmpty ? "AWSStatus\(status)" : code }

  package var description: String {
    let words = message.hasSuffix(".") ? String(message.dropLast()) : message
    let reason = [code, words].filter { !$0.isEmpty }.joined(separator: ": ")
    return "\(call): \(reason.isEmpty ? "status \(status)" : "\(reason) (\(status))"). \(advice)"
  }
}
