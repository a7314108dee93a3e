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

  @Test("the shortest timeout leaves a worker time for films")
  func shortest() {
    let now = ContinuousClock.now
    let clock = WorkClock(remaining: .seconds(5), now: now)
    #expect(now.duration(to: clock.startUntil) == .seconds(4))
    #expect(WorkClock(remaining: .seconds(1), now: now).startUntil == now)
  }
}
