import Testing

@testable import Dispatcher
@testable import Shared

@Suite("Dispatcher configuration") struct ConfigurationTests {
  private static func timeout(_ text: String?) throws -> Int {
    var environment = ["ELENCO_WORKER_FUNCTION": "worker"]
    environment["ELENCO_WORKER_TIMEOUT"] = text
    return try DispatcherConfiguration(environment: environment).workerTimeout
  }

  @Test("the worker timeout is 5 to 900 seconds, and 900 by default")
  func timeouts() throws {
    #expect(try (Self.timeout(nil), Self.timeout(""), Self.timeout("5")) == (900, 900, 5))
    #expect(try Self.timeout("900") == 900)
  }

  @Test(
    "a worker timeout outside 5 to 900 seconds, or not a whole number, is refused",
    arguments: ["1", "4", "901", "5.5"])
  func refused(text: String) {
    let error = #expect(throws: ConfigurationError.self) { try Self.timeout(text) }
    #expect(
      error?.description
        == "ELENCO_WORKER_TIMEOUT must be a whole number from 5 to 900, not \"\(text)\".")
  }

  @Test(
    "the rate is 0, for no ceiling, or at least 0.001 requests per second",
    arguments: [("0", true), ("0.001", true), ("40", true), ("0.0005", false), ("-1", false), ("x", false)])
  func ceiling(text: String, isAccepted: Bool) throws {
    let environment = ["ELENCO_WORKER_FUNCTION": "worker", "ELENCO_REQUESTS_PER_SECOND": text]
    let configuration = try? DispatcherConfiguration(environment: environment)
    #expect(configuration?.defaults.requestsPerSecond == (isAccepted ? Double(text) : nil))
  }

  @Test("the data files' format and compression are object and none unless the environment names others")
  func encoding() throws {
    func encoding(_ format: String?, _ compression: String?) throws -> DataFileEncoding {
      var environment = ["ELENCO_WORKER_FUNCTION": "worker"]
      (environment["ELENCO_FORMAT"], environment["ELENCO_COMPRESSION"]) = (format, compression)
      return try DispatcherConfiguration(environment: environment).defaults.encoding
    }
    #expect(try encoding(nil, "") == DataFileEncoding(.object, .uncompressed))
    #expect(try encoding("object", "gzip") == DataFileEncoding(.object, .gzip))
    #expect(try encoding("lines", "none") == DataFileEncoding(.lines, .uncompressed))
    let error = #expect(throws: ConfigurationError.self) { try encoding("parquet", nil) }
    #expect(error?.description == "ELENCO_FORMAT must be one of object, lines, not \"parquet\".")
    #expect(throws: ConfigurationError.self) { try encoding(nil, "GZIP") }
  }

  @Test("the shortest timeout leaves a worker time to fetch films")
  func shortest() {
    let now = ContinuousClock.now
    let budget = TimeBudget(remaining: .seconds(5), now: now)
    #expect(now.duration(to: budget.startUntil) == .seconds(4))
    #expect(TimeBudget(remaining: .seconds(1), now: now).startUntil == now)
  }
}
