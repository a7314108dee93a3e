/// The address of an AWS service: the one of AWS, or one that the environment sets, such as a local cloud's.
package struct AWSEndpoint: Equatable, Sendable {
  package enum Service: String, Sendable {
    case s3
    case lambda
    case logs
    case secretsManager = "secretsmanager"

    /// The variable that overrides the address of this service only.
    fileprivate var variable: String {
      switch self {
      case .s3: "AWS_ENDPOINT_URL_S3"
      case .lambda: "AWS_ENDPOINT_URL_LAMBDA"
      case .logs: "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"
      case .secretsManager: "AWS_ENDPOINT_URL_SECRETS_MANAGER"
      }
    }
  }

  /// `https` or `http`.
  package let scheme: String
  /// Host, with a port unless it is the scheme's default: the value of the Host header.
  package let authority: String
  /// Whether the environment sets the address. Buckets are then addressed by path, not by host name.
  package let isOverridden: Bool

  /// Uses `AWS_ENDPOINT_URL_<SERVICE>`, else `AWS_ENDPOINT_URL`, else AWS's address in the region.
  /// - Throws: `ConfigurationError` if a variable is set to anything but scheme, host and port.
  package init(_ service: Service, region: String, environment: [String: String])
    throws(ConfigurationError)
  {
    let name = [service.variable, "AWS_ENDPOINT_URL"].first { environment[$0].map { !$0.isEmpty } ?? false }
    guard let variable = name, let url = environment[variable] else {
      let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
      (scheme, authority, isOverridden) = ("https", "\(service.rawValue).\(region).\(domain)", false)
      return
    }
    guard let parts = Self.split(url) else {
      throw ConfigurationError(
        "\(variable) must be a URL such as http://127.0.0.1:4566, with only a scheme, a host and a port. Its value is "
          + "not shown here, because it may contain a password."
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
