/// What a service says of an error: XML from S3, JSON from the others; possibly neither.
struct AWSErrorBody: Equatable {
  /// `NoSuchKey`, `AccessDenied`, `TooManyRequestsException`…; empty when the service gave none.
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
    // Lambda puts the type into a header, Secrets Manager into "__type", some behind a namespace and a "#".
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
