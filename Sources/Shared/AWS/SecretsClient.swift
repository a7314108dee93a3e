/// Secrets Manager's GetSecretValue.
package struct SecretsClient: Sendable {
  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// A secret's text; nil when the secret is there but was never given a value.
  /// - Parameter id: a name or an ARN.
  package func value(of id: String) async throws -> Secret? {
    let body = try JSONText.encode(["SecretId": id])
    let name = "GetSecretValue of \(id)"
    let response = try await client.send(
      AWSClient.Call(
        method: .post, path: "/",
        headers: [
          HTTPHeader("Content-Type", "application/x-amz-json-1.1"),
          HTTPHeader("X-Amz-Target", "secretsmanager.GetSecretValue"),
        ], body: HTTPBody(body), payloadHash: SHA256.hex(of: body), name: name))
    guard response.status == 200 else {
      let isDenied = response.status == 403 || AWSErrorBody(response).code == "AccessDeniedException"
      let advice =
        isDenied
        ? "Does the function's role allow secretsmanager:GetSecretValue on it?"
        : "Is there a secret of this name in this region, and may the function's role use its KMS key?"
      let error = AWSServiceError(
        response, call: name, advice: AWSServiceError.passingAdvice(response) ?? advice)
      // A secret without a version has no value yet.
      if error.code == "ResourceNotFoundException", error.message.contains("staging label") { return nil }
      throw error
    }
    guard case .object(let answer) = try JSONValue(parsing: response.body),
      case .string(let text)? = answer["SecretString"]
    else { return nil }
    return text.isEmpty ? nil : Secret(text)
  }
}
