import Shared

/// Decides which requests the console accepts. It listens on 127.0.0.1, but every web page that the person opens can make
/// the browser send requests there.
struct ConsoleAccess: Sendable {
  let port: UInt16
  /// Required of every request that changes something. It is in the address that the command prints, behind a "#", so that
  /// it is in no page and in no request but those.
  let token: Secret

  init(port: UInt16, token: Secret) {
    self.port = port
    self.token = token
  }

  /// A token that cannot be guessed: 128 bits from the system's generator.
  static func newToken() -> Secret {
    var system = SystemRandomNumberGenerator()
    let digits = (0..<2).map { _ in
      let hex = String(system.next(), radix: 16)
      return String(repeating: "0", count: 16 - hex.utf8.count) + hex
    }
    return Secret(digits.joined())
  }

  /// The address that the command prints.
  var address: String { "http://127.0.0.1:\(port)/" }

  /// The response to a request that is not accepted; nil for one that is.
  func refusal(of request: ConsoleRequest) -> ConsoleResponse? {
    let isAction = request.method == "POST"
    guard isAction || request.method == "GET" || request.method == "HEAD" else {
      return .methodNotAllowed("GET, HEAD, POST")
    }
    // A foreign name that resolves to 127.0.0.1 would make this console a part of that name's site (DNS rebinding).
    guard let host = request.host?.lowercased(), hosts.contains(host) else {
      return .text(403, "The console can be reached only at \(address).")
    }
    if let origin = request.origin, !hosts.contains(where: { origin == "http://" + $0 }) {
      return .text(403, "Another site's page sent this request.")
    }
    // A link on another site may lead to a page here, but not into a frame.
    if let site = request.fetchSite, site != "same-origin", site != "none",
      isAction || request.fetchDestination != "document"
    {
      return .text(403, "Another site's page sent this request.")
    }
    guard isAction else { return nil }
    guard request.origin != nil else {
      return .text(403, "The request has no Origin header, which every browser sends.")
    }
    guard let given = request.token, Self.areEqual(given, token.value) else {
      return .text(
        403,
        "This page may not change anything. Open the address that \"elenco console\" printed when it started."
      )
    }
    return nil
  }

  /// Without the port, which browsers leave out, if it is that of HTTP.
  private var hosts: [String] {
    let names = ["127.0.0.1", "localhost"]
    return names.map { "\($0):\(port)" } + (port == 80 ? names : [])
  }

  /// Compares texts in a time that depends only on their lengths.
  private static func areEqual(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    return zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
