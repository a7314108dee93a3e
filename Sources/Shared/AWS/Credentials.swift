/// Where a client gets the credentials for its requests.
package enum CredentialsSource: Sendable {
  case fixed(Credentials)
  /// The closure is called before each request. It returns the same credentials until they are about to expire.
  case renewed(@Sendable () async throws -> Credentials)
}

/// AWS credentials. Printing them shows the access key ID but no secret.
package struct Credentials: Sendable, Equatable {
  package let accessKeyID: String
  package let secretAccessKey: Secret
  /// Only temporary credentials, such as a role's, have one.
  package let sessionToken: Secret?

  package init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret?) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }

  /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. Nil if neither key is set.
  /// - Throws: `ConfigurationError` if only one of the two keys is set.
  package init?(environment: [String: String]) throws(ConfigurationError) {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    switch (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
    case (nil, nil): return nil
    case (let id?, let secret?):
      self.init(
        accessKeyID: id, secretAccessKey: Secret(secret),
        sessionToken: variable("AWS_SESSION_TOKEN").map { Secret($0) })
    default:
      throw ConfigurationError(
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be set, but only one of them is.")
    }
  }
}
