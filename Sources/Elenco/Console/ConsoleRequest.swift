import HTTPServer
import Shared
import Synchronization

/// The parts of a request that the console decides on.
struct ConsoleRequest: Sendable {
  /// The header that carries the console's token.
  static let tokenHeader = "Elenco-Token"

  var method = "GET"
  /// Percent-decoded, without the query.
  var path: String
  var host: String?
  var origin: String?
  /// `Sec-Fetch-Site`, whose page sent the request, and `Sec-Fetch-Dest`, what it is for. Browsers send them, and scripts
  /// cannot set them (https://www.w3.org/TR/fetch-metadata/).
  var fetchSite: String?
  var fetchDestination: String?
  var token: String?
  /// The version of the page that the client has.
  var knownVersion: String?

  init(path: String) { self.path = path }

  init(_ request: ServerRequest) {
    self.init(path: request.path)
    method = request.method
    host = request.header("Host")
    origin = request.header("Origin")
    fetchSite = request.header("Sec-Fetch-Site")
    fetchDestination = request.header("Sec-Fetch-Dest")
    token = request.header(Self.tokenHeader)
    knownVersion = request.header("If-None-Match")
  }
}

/// A request that waits for its response. It passes from the server's thread to the command's, and back.
final class PendingRequest: Sendable {
  let request: ConsoleRequest
  private let resumption: Resumption
  private let response = Mutex<ConsoleResponse?>(nil)

  init(_ request: ConsoleRequest, _ resumption: Resumption) {
    self.request = request
    self.resumption = resumption
  }

  func respond(_ response: ConsoleResponse) {
    self.response.withLock { $0 = response }
    resumption.resume()
  }

  /// Nil until `respond` is called.
  var result: ConsoleResponse? { response.withLock { $0 } }
}

/// The console's side of its HTTP server: refuses what is not allowed, and passes on the other requests.
final class ConsoleService: HTTPService {
  static let limits = ServerLimits(connections: 64, headBytes: 32 << 10, bodyBytes: 1 << 10, idleSeconds: 60)

  private let access: ConsoleAccess
  private let requests: AsyncStream<PendingRequest>.Continuation

  init(_ access: ConsoleAccess, _ requests: AsyncStream<PendingRequest>.Continuation) {
    self.access = access
    self.requests = requests
  }

  func handler(for request: ServerRequest, at now: Duration) -> any RequestHandler {
    Handler(PendingRequest(ConsoleRequest(request), request.resumption), access, requests)
  }

  private final class Handler: RequestHandler {
    private let pending: PendingRequest
    private let access: ConsoleAccess
    private let requests: AsyncStream<PendingRequest>.Continuation

    init(
      _ pending: PendingRequest, _ access: ConsoleAccess,
      _ requests: AsyncStream<PendingRequest>.Continuation
    ) {
      self.pending = pending
      self.access = access
      self.requests = requests
    }

    func proceed(at now: Duration) -> ServerAction {
      if let response = pending.result ?? access.refusal(of: pending.request) {
        return .respond(ServerResponse(response))
      }
      requests.yield(pending)
      return .wait(until: nil)
    }
  }
}
