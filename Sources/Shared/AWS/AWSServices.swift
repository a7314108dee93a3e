/// The clients of the services that a run needs, with the credentials and the region of a process.
package struct AWSServices: Sendable {
  package let s3: S3Client
  package let lambda: LambdaClient
  package let secrets: SecretsClient

  /// - Throws: `AWSConfigurationError` when an endpoint's address is wrong.
  package init(
    http: HTTPClient, credentials: Credentials, region: String, environment: [String: String]
  ) throws {
    func client(_ service: AWSEndpoint.Service) throws -> AWSClient {
      try AWSClient(service, http: http, credentials: credentials, region: region, environment: environment)
    }
    s3 = S3Client(try client(.s3))
    lambda = LambdaClient(try client(.lambda))
    secrets = SecretsClient(try client(.secretsManager))
  }

  /// The services as a Lambda function reaches them: credentials and region from its environment.
  package init(http: HTTPClient, environment: [String: String]) throws {
    guard let region = environment["AWS_REGION"], !region.isEmpty else {
      throw AWSConfigurationError("AWS_REGION is not set. Lambda sets it; elsewhere name the region there.")
    }
    guard let credentials = try Credentials(environment: environment) else {
      throw AWSConfigurationError(
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. Lambda sets them from the function's role.")
    }
    try self.init(http: http, credentials: credentials, region: region, environment: environment)
  }
}
