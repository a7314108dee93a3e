import HTTPServer
import Shared

/// `elenco console`: the runs of a prefix as live web pages on this machine.
enum ConsoleCommand: Command {
  private static let limitDefault = 20

  static let spec = CommandSpec(
    name: "console", summary: "show the runs of a prefix as live web pages on this machine",
    description: """
      Serve web pages about the runs of a prefix on 127.0.0.1, and print their address. The first page lists
      the runs. The page of a run is that of "elenco report", follows the run while it is open, and has
      buttons to replay shards and to cancel the run.

      The printed address ends in a token, which the buttons need. Pages that are opened without it only
      show. Ctrl-C stops the console, but no run.
      """,
    options: [.text("--port", "N", "the port (default: 0, a free one)")] + RunLocation.options + [
      .text("--limit", "N", "the number of runs to list (default: \(limitDefault))")
    ],
    exitStatus: "130 after Ctrl-C, 1 for an error, 2 for an invalid command line.",
    example: "elenco console --bucket my-lake --port 8080")

  static func main(_ arguments: Arguments) throws -> Bool {
    let location = try RunLocation(arguments)
    let port = UInt16(try arguments.wholeNumber("--port", in: 0...65_535) ?? 0)
    let limit = try arguments.wholeNumber("--limit", in: 1...1000) ?? limitDefault
    try EventLoop.run { loop in
      let services = try CommandLineServices.services(loop: loop)
      let listener = try Listener(port: port)
      let access = ConsoleAccess(port: listener.port, token: ConsoleAccess.newToken())
      let (requests, continuation) = AsyncStream.makeStream(of: PendingRequest.self)
      let server = try LoopbackServer(
        listener, ConsoleService.limits, ConsoleService(access, continuation))
      defer { server.stop() }
      let folder = ObjectAddress(bucket: location.destination.bucket, key: location.destination.prefix)
      try Terminal.result("\(access.address)#token=\(access.token.value)")
      Terminal.note("the console shows the runs in \(folder); Ctrl-C stops it")
      let watched = WatchedRuns(location, services.s3, runsMax: limit, clock: loop, executor: loop)
      await Console(
        location: location, watched: watched, s3: services.s3, lambda: services.lambda, loop: loop
      ).serve(requests)
    }
    return true
  }
}
