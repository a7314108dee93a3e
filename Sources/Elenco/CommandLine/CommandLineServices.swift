import Shared

/// Creates the AWS clients of the command line, with the credentials of the person who runs it.
enum CommandLineServices {
  /// - Throws: an error that names the missing credentials or settings.
  static func services(loop: EventLoop) throws -> AWSServices {
    let environment = ProcessEnvironment.all()
    let identity = try CommandLineCredentials(environment: environment)
    return try AWSServices(
      http: HTTPClient(loop: loop), credentials: identity.credentials, region: identity.region,
      environment: environment)
  }
}
