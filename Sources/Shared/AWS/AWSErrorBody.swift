/// The code and message in an error response: XML from S3, JSON from the other services, possibly neither.
struct AWSErrorBody: Equatable {
  /// For example `NoSuchKey`, `AccessDenied` or `TooManyRequestsException`. Empty if the response has none.
  let code: String
  let message: String

  init(_ response: HTTPResponse) {
    if let error = try? XMLElement(parsing: response.body), error.name == "Error" {
      code = error.text(of: "Code") ?? ""
      message = error.text(of: "Message")?.printable ?? ""
      return
    }
    var object: [String: JSONValue] = [:]
    if case .object(let fields)? = try? JSONValue(parsing: response.body) { object = fields }
    // Lambda sends the type in a header, Secrets Manager in "__type"; some put a namespace and a "#" before it.
    let type = response.header("x-amzn-ErrorType") ?? object.text("__type") ?? object.text("Code") ?? ""
    code = String(type.prefix { $0 != ":" }.split(separator: "#").last ?? "")
    message = (object.text("message") ?? object.text("Message") ?? "").printable
  }
}

extension [String: JSONValue] {
  fileprivate func text(_ key: String) -> String? {
    guard case .string(let text)? = self[key] else { return nil }
    return text
  }
}
