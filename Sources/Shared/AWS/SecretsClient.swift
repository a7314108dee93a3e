/// A client for Secrets Manager's GetSecretValue.
package struct SecretsClient: Sendable {
  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// Reads a secret's text. Nil if the secret exists but has no text value yet.
  /// - Parameter id: a name or an ARN.
  package func value(of id: String) async throws -> Secret? {
    let body = try JSONText.encode(["SecretId": id])
    let name = "GetSecretValue of \(id)"
    let response = try await client.send(.json("secretsmanager.GetSecretValue", body, name: name))
    guard response.status == 200 else {
      let isDenied = response.status == 403 || AWSErrorBody(response).code == "AccessDeniedException"
      let advice =
        isDenied
        ? "Does the function's role allow secretsmanager:GetSecretValue on it?"
        : "Does a secret of this name exist in this region, and may the function's role use its KMS key?"
      let error = AWSServiceError(
        response, call: name, advice: AWSServiceError.transientAdvice(response) ?? advice)
      // Secrets Manager sends this error for a secret that has no version, that is, no value yet.
      if error.code == "ResourceNotFoundException", error.message.contains("staging label") { return nil }
      throw error
    }
    guard case .object(let fields) = try JSONValue(parsing: response.body),
      case .string(let text)? = fields["SecretString"]
    else { return nil }
    return text.isEmpty ? nil : Secret(text)
  }
}
