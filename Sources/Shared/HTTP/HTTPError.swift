/// Why a request got no whole answer. An answer of any status is not an error here.
package struct HTTPError: Error, Equatable, CustomStringConvertible {
  /// What went wrong, as far as it matters to the caller.
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
  /// Method and URL, without its query. Empty for `setUp`.
  package let target: String
  /// libcurl's own words.
  package let detail: String

  package init(_ reason: Reason, target: String, detail: String = "") {
    self.reason = reason
    self.target = target
    self.detail = detail
  }

  static func setUp(_ detail: String) -> HTTPError { HTTPError(.setUp, target: "", detail: detail) }

  /// Whether the same request may go through later: nothing about the request itself is wrong.
  package var isTransient: Bool {
    switch reason {
    case .couldNotResolve, .couldNotConnect, .timedOut, .cutShort, .undecodable, .other: true
    case .tlsRefused, .bodyTooLarge, .cancelled, .badURL, .setUp: false
    }
  }

  package var description: String {
    let words = detail.isEmpty ? "" : " (\(detail))"
    return switch reason {
    case .couldNotResolve: "\(target): the host's name could not be resolved\(words). Is the address right?"
    case .couldNotConnect: "\(target): no connection\(words). Is the server up and reachable from here?"
    case .tlsRefused: "\(target): TLS could not be agreed or the certificate is not trusted\(words)."
    case .timedOut: "\(target): no answer in time\(words)."
    case .cutShort: "\(target): the answer was cut short\(words)."
    case .bodyTooLarge(let bytesMax): "\(target): the answer is larger than the limit of \(bytesMax) bytes."
    case .undecodable: "\(target): the answer's content encoding could not be decoded\(words)."
    case .cancelled: "\(target): cancelled."
    case .badURL: "\(target): not an http or https URL\(words)."
    case .setUp: "the HTTP client could not be set up: \(detail)."
    case .other(let code): "\(target): the transfer failed with libcurl's code \(code)\(words)."
    }
  }
}
