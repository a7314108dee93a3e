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

  @Test("a run fetches every film, by find, unless the environment says otherwise") func refresh() throws {
    func defaults(_ variables: [String: String]) throws -> DispatcherEvent.Defaults {
      let environment = variables.merging(["ELENCO_WORKER_FUNCTION": "worker"]) { $1 }
      return try DispatcherConfiguration(environment: environment).defaults
    }
    let plain = try defaults(["ELENCO_REFRESH": ""])
    #expect((plain.refresh, plain.maxAgeDays, plain.lookup) == (.all, 90, .find))
    let set = try defaults([
      "ELENCO_REFRESH": "changed", "ELENCO_MAX_AGE_DAYS": "3650", "ELENCO_LOOKUP": "auto",
    ])
    #expect((set.refresh, set.maxAgeDays, set.lookup) == (.changed, 3650, .auto))
    for (name, value, words) in [
      ("ELENCO_REFRESH", "new", "one of all, changed"), ("ELENCO_MAX_AGE_DAYS", "0", "from 1 to 3650"),
      ("ELENCO_LOOKUP", "both", "one of find, direct, auto"),
    ] {
      let error = #expect(throws: ConfigurationError.self) { try defaults([name: value]) }
      #expect(error?.description.contains("\(name) must be") == true)
      #expect(error?.description.contains(words) == true)
    }
  }

  @Test("the shortest timeout leaves a worker time to fetch films")
  func shortest() {
    let now = ContinuousClock.now
    let budget = TimeBudget(remaining: .seconds(5), now: now)
    #expect(now.duration(to: budget.startUntil) == .seconds(4))
    #expect(TimeBudget(remaining: .seconds(1), now: now).startUntil == now)
  }
}
