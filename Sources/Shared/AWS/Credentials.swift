/// An identity's keys. Printing them shows the id and nothing that is secret.
package struct Credentials: Sendable, Equatable {
  package let accessKeyID: String
  package let secretAccessKey: Secret
  /// Goes with temporary keys, such as a role's.
  package let sessionToken: Secret?

  package init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret?) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }

  /// Takes `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. Nil where there are no keys.
  /// - Throws: `AWSConfigurationError` when one key is there without the other.
  package init?(environment: [String: String]) throws(AWSConfigurationError) {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    switch (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
    case (nil, nil): return nil
    case (let id?, let secret?):
      self.init(
        accessKeyID: id, secretAccessKey: Secret(secret),
        sessionToken: variable("AWS_SESSION_TOKEN").map { Secret($0) })
    default:
      throw AWSConfigurationError(
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be set; one of them is.")
    }
  }
}
