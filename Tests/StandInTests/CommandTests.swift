/// The command line's options.
import TestSupport
import Testing

@testable import StandIn

@Suite("The command line") struct CommandTests {
  @Test("options set the configuration, written with a space or with =") func serve() throws {
    let command = try Command(arguments: [
      "--port=0", "--latency", "50ms", "--limit", "40/10s", "--limit-per", "key", "--retry-after", "3",
      "--fail", "every=50 status=502", "--fail=cut", "--log", "x.log", "--chunked",
    ])
    guard case .serve(let configuration) = command else { throw ClientError(description: "not serve") }
    #expect(configuration.port == 0)
    #expect(configuration.latency == .milliseconds(50))
    #expect(configuration.limit == RateLimit.Rule(count: 40, window: .seconds(10)))
    #expect(configuration.limitScope == .key)
    #expect(configuration.retryAfter == 3)
    #expect(configuration.failRules.map(\.fault) == [.status(502, retryAfter: nil), .cut])
    #expect(configuration.logPath == "x.log")
    #expect(configuration.isChunked)
  }

  @Test(
    "a rate limit is parsed", arguments: [("50/s", 50, 1000), ("40/10s", 40, 10_000), ("5/200ms", 5, 200)])
  func limit(text: String, count: Int, milliseconds: Int) throws {
    let expected = RateLimit.Rule(count: count, window: .milliseconds(milliseconds))
    #expect(try RateLimit.Rule(parsing: text) == expected)
  }

  @Test(
    "the error for an invalid command line names the invalid part",
    arguments: [
      (["--prot", "1"], "--prot"), (["--port"], "--port needs a value"), (["--port", "65536"], "65536"),
      (["--port", "x"], "--port x"), (["serve"], "serve"), (["--limit", "50"], "\"50\" is not a rate limit"),
      (["--limit", "0/s"], "0/s"), (["--limit", "5/0s"], "5/0s"), (["--limit-per", "user"], "all, key"),
      (["--latency", "50"], "\"50\" is not a duration"), (["--latency", "9999999s"], "9999999s"),
      (["--fail", "boom"], "boom"), (["--chunked=yes"], "=yes"), (["movies"], "--out"),
      (["movies", "--out", "m.csv", "--films", "0"], "--films 0"), (["movies", "--port", "1"], "--port"),
      (["movies", "--out", "m.csv", "--films", "244544"], "244544"),
    ])
  func refused(arguments: [String], sentence: String) {
    let error = #expect(throws: UsageError.self) { try Command(arguments: arguments) }
    #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
  }

  @Test(
    "--help is accepted at any position",
    arguments: [["--help"], ["--port", "1", "--help"], ["movies", "--help"]])
  func help(arguments: [String]) throws {
    guard case .help = try Command(arguments: arguments) else { throw ClientError(description: "not help") }
  }
}
