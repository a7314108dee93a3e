import Shared

/// The services that the command line talks to, with the credentials of the person who runs it.
enum CommandLineServices {
  /// - Throws: a sentence that says which credentials or settings are missing.
  static func services(loop: EventLoop) throws -> AWSServices {
    let environment = ProcessEnvironment.all()
    let identity = try CommandLineCredentials(environment: environment)
    return try AWSServices(
      http: HTTPClient(loop: loop), credentials: identity.credentials, region: identity.region,
      environment: environment)
  }
}
