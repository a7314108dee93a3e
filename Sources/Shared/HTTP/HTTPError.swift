/// An error for a request that got no complete response. A complete response, whatever its status, is not an error.
package struct HTTPError: Error, Equatable, CustomStringConvertible {
  /// The cause, as far as callers distinguish it.
  package enum Reason: Equatable, Sendable {
    case couldNotResolve
    case couldNotConnect
    case tlsRefused
    case timedOut
    case cutShort
    case bodyTooLarge(bytesMax: Int)
    case undecodable
    case cancelled
    case badURL
    case setUp
    case other(code: UInt32)
  }

  package let reason: Reason
  /// The method and the URL without its query. Empty for `setUp`.
  package let target: String
  /// libcurl's error message, or what failed during setup.
  package let detail: String

  package init(_ reason: Reason, target: String, detail: String = "") {
    self.reason = reason
    self.target = target
    self.detail = detail
  }

  static func setUp(_ detail: String) -> HTTPError { HTTPError(.setUp, target: "", detail: detail) }

  /// Whether the same request might succeed later, because nothing is wrong with the request itself.
  package var isTransient: Bool {
    switch reason {
    case .couldNotResolve, .couldNotConnect, .timedOut, .cutShort, .undecodable, .other: true
    case .tlsRefused, .bodyTooLarge, .cancelled, .badURL, .setUp: false
    }
  }

  package var description: String {
    let explanation = detail.isEmpty ? "" : " (\(detail))"
    return switch reason {
    case .couldNotResolve: "\(target): could not resolve the host name\(explanation). Check the address."
    case .couldNotConnect: "\(target): could not connect\(explanation). Is the server running and reachable?"
    case .tlsRefused:
      "\(target): could not verify the server's certificate\(explanation). To trust other certificate "
        + "authorities, set SSL_CERT_FILE to a file with their certificates."
    case .timedOut: "\(target): the request timed out\(explanation)."
    case .cutShort: "\(target): the response was cut short\(explanation)."
    case .bodyTooLarge(let bytesMax): "\(target): the response is larger than the limit of \(bytesMax) bytes."
    case .undecodable: "\(target): could not decode the response's content encoding\(explanation)."
    case .cancelled: "\(target): the request was cancelled."
    case .badURL: "\(target): this is not a valid http or https URL\(explanation)."
    case .setUp: "could not set up an HTTP transfer: \(detail)."
    case .other(let code): "\(target): the transfer failed with libcurl error \(code)\(explanation)."
    }
  }
}
