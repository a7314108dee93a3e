/// The parts of TMDB's base URL that decide whether it may be used.
struct TMDBBaseURL {
  /// The URL without a slash at its end.
  let text: String
  private let isSecure: Bool
  /// Without port and brackets.
  private let host: String

  /// Parses a URL.
  /// - Returns: nil if it is not an http or https URL of a host and a path. It appears in errors and reports, so it must
  ///   not contain a user, a password or a key either.
  init?(_ url: String) {
    guard let scheme = ["https://", "http://"].first(where: { url.hasPrefix($0) }),
      url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"@?#\\\"<>".utf8.contains($0) })
    else { return nil }
    let authority = url.dropFirst(scheme.count).prefix { $0 != "/" }
    let isBracketed = authority.hasPrefix("[")
    let host = isBracketed ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    let rest = authority.dropFirst(isBracketed ? host.count + 2 : host.count)
    let port = rest.dropFirst()
    let isPort = rest.isEmpty || (rest.first == ":" && UInt16(port) != nil && port.allSatisfy(\.isNumber))
    guard !host.isEmpty, isPort, !isBracketed || authority.contains("]") else { return nil }
    text = url.hasSuffix("/") ? String(url.dropLast()) : url
    isSecure = scheme == "https://"
    self.host = String(host)
  }

  /// Whether the token that is sent there cannot be read on the network: over TLS, or on the same machine.
  var protectsToken: Bool { isSecure || isLoopback }

  /// Whether the host is this machine: `localhost`, `::1`, or an address of 127.0.0.0/8 in its usual form. Other forms
  /// (`127.1`, `0177.0.0.1`) are not recognized.
  private var isLoopback: Bool {
    guard host != "::1", host.lowercased() != "localhost" else { return true }
    let octets = host.split(separator: ".", omittingEmptySubsequences: false)
    return octets.count == 4 && octets[0] == "127"
      && octets.allSatisfy { octet in UInt8(octet).map { "\($0)" == octet } ?? false }
  }
}
