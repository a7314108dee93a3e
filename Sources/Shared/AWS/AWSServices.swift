/// Clients of AWS services, with shared credentials and region.
package struct AWSServices: Sendable {
  package let s3: S3Client
  package let lambda: LambdaClient
  package let secrets: SecretsClient
  package let logs: LogsClient

  /// - Throws: `ConfigurationError` if the environment sets an invalid endpoint address.
  package init(
    http: HTTPClient, credentials: CredentialsSource, region: String, environment: [String: String]
  ) throws {
    func client(_ service: AWSEndpoint.Service) throws -> AWSClient {
      try AWSClient(service, http: http, credentials: credentials, region: region, environment: environment)
    }
    s3 = S3Client(try client(.s3))
    lambda = LambdaClient(try client(.lambda))
    secrets = SecretsClient(try client(.secretsManager))
    logs = LogsClient(try client(.logs))
  }

  /// Creates the clients in a Lambda function, with the credentials and region of its environment.
  /// - Throws: `ConfigurationError` if the environment lacks one of them or sets an invalid endpoint address.
  package init(http: HTTPClient, environment: [String: String]) throws {
    guard let region = environment["AWS_REGION"], !region.isEmpty else {
      throw ConfigurationError(
        "AWS_REGION is not set. Lambda sets it; outside Lambda, set it to a region such as us-east-1.")
    }
    guard let credentials = try Credentials(environment: environment) else {
      throw ConfigurationError(
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. Lambda sets them from the function's role; outside "
          + "Lambda, set both.")
    }
    try self.init(http: http, credentials: .fixed(credentials), region: region, environment: environment)
  }
}
