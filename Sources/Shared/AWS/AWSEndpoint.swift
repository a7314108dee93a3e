/// Where a service is reached: its own address, or the one of a local cloud.
package struct AWSEndpoint: Equatable, Sendable {
  package enum Service: String, Sendable {
    case s3
    case lambda
    case secretsManager = "secretsmanager"

    /// The variable that overrides this service alone.
    fileprivate var variable: String {
      switch self {
      case .s3: "AWS_ENDPOINT_URL_S3"
      case .lambda: "AWS_ENDPOINT_URL_LAMBDA"
      case .secretsManager: "AWS_ENDPOINT_URL_SECRETS_MANAGER"
      }
    }
  }

  /// `https` or `http`.
  package let scheme: String
  /// Host, and port where it is not the scheme's own: as the Host header has it.
  package let authority: String
  /// Whether the address was given and is not AWS's: buckets then stand in the path.
  package let isOverridden: Bool

  /// Takes `AWS_ENDPOINT_URL_<SERVICE>`, then `AWS_ENDPOINT_URL`, then AWS's address for the region.
  package init(_ service: Service, region: String, environment: [String: String])
    throws(AWSConfigurationError)
  {
    let given = [service.variable, "AWS_ENDPOINT_URL"].first { environment[$0].map { !$0.isEmpty } ?? false }
    guard let variable = given, let url = environment[variable] else {
      let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
      (scheme, authority, isOverridden) = ("https", "\(service.rawValue).\(region).\(domain)", false)
      return
    }
    guard let parts = Self.split(url) else {
      throw AWSConfigurationError(
        // It may hold a password.
        "\(variable) must be like http://127.0.0.1:4566: scheme, host and port alone. What it holds is not shown here."
      )
    }
    (scheme, authority, isOverridden) = (parts.scheme, parts.authority, true)
  }

  private static func split(_ url: String) -> (scheme: String, authority: String)? {
    for scheme in ["https", "http"] where url.hasPrefix(scheme + "://") {
      var authority = url.dropFirst(scheme.count + 3)
      if authority.hasSuffix("/") { authority = authority.dropLast() }
      let defaultPort = scheme == "https" ? ":443" : ":80"
      if authority.hasSuffix(defaultPort) { authority = authority.dropLast(defaultPort.count) }
      let isPlain = authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@".utf8.contains($0) }
      return authority.isEmpty || !isPlain ? nil : (scheme, String(authority))
    }
    return nil
  }
}

/// What the environment leaves out or says wrongly.
package struct AWSConfigurationError: TypedError, Equatable {
  package let description: String

  package init(_ description: String) { self.description = description }

  package var errorType: String { "Configuration" }
}
