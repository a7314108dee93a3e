import Shared

/// Creates the AWS clients of the command line, with the credentials of the person who runs it.
enum CommandLineServices {
  /// - Throws: an error that names the missing credentials or settings. Errors of the AWS CLI, if it is to find the
  ///   credentials, come with the first request.
  static func services(loop: EventLoop) throws -> AWSServices {
    let environment = ProcessEnvironment.all()
    let identity = try CommandLineCredentials(environment: environment)
    return try AWSServices(
      http: HTTPClient(loop: loop), credentials: source(identity.keys, environment: environment, loop: loop),
      region: identity.region, environment: environment)
  }

  private static func source(
    _ keys: CommandLineCredentials.Keys, environment: [String: String], loop: EventLoop
  ) throws(ConfigurationError) -> CredentialsSource {
    switch keys {
    case .given(let credentials): return .fixed(credentials)
    case .exported(let profile, let reason):
      guard let path = AWSCommandLine.path(environment: environment) else { throw reason }
      let cli = AWSCommandLine(path: path, profile: profile)
      let renewed = RenewedCredentials(loop: loop) { try await cli.credentials(loop: loop) }
      return .renewed { try await renewed.current() }
    }
  }
}
