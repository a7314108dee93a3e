import Testing

@testable import Dispatcher
@testable import Shared

@Suite("The dispatcher's environment") struct ConfigurationTests {
  private static func timeout(_ text: String?) throws -> Int {
    var environment = ["ELENCO_WORKER_FUNCTION": "worker"]
    environment["ELENCO_WORKER_TIMEOUT"] = text
    return try DispatcherConfiguration(environment: environment).workerTimeout
  }

  @Test("the worker's timeout is from 5 to 900 seconds, and 900 where it is not set")
  func timeouts() throws {
    #expect(try (Self.timeout(nil), Self.timeout(""), Self.timeout("5")) == (900, 900, 5))
    #expect(try Self.timeout("900") == 900)
  }

  @Test("a timeout that leaves a worker no time for films is refused", arguments: ["1", "4", "901", "5.5"])
  func refused(text: String) {
    let error = #expect(throws: AWSConfigurationError.self) { try Self.timeout(text) }
    #expect(
      error?.description
        == "ELENCO_WORKER_TIMEOUT must be a whole number from 5 to 900 and is \"\(text)\".")
  }

  @Test(
    "a ceiling is 0, for none, or no less than any worker takes",
    arguments: [("0", true), ("0.001", true), ("40", true), ("0.0005", false), ("-1", false), ("x", false)])
  func ceiling(text: String, isTaken: Bool) throws {
    let environment = ["ELENCO_WORKER_FUNCTION": "worker", "ELENCO_REQUESTS_PER_SECOND": text]
    let configuration = try? DispatcherConfiguration(environment: environment)
    #expect(configuration?.defaults.requestsPerSecond == (isTaken ? Double(text) : nil))
  }

  @Test("the shortest timeout leaves a worker time for films")
  func shortest() {
    let now = ContinuousClock.now
    let clock = TimeBudget(remaining: .seconds(5), now: now)
    #expect(now.duration(to: clock.startUntil) == .seconds(4))
    #expect(TimeBudget(remaining: .seconds(1), now: now).startUntil == now)
  }
}
