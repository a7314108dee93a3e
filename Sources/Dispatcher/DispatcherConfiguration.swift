import Shared

/// The dispatcher's settings, read from environment variables.
struct DispatcherConfiguration: Sendable, Equatable {
  let defaults: DispatcherEvent.Defaults
  /// Name or ARN of the worker function.
  let workerFunction: String
  /// The worker's memory in MB and its timeout in seconds, used for the forecast.
  let workerMemory: Int
  let workerTimeout: Int
  let lease: LeaseTerms

  /// - Throws: `ConfigurationError`, naming the variable that is missing or invalid.
  init(environment: [String: String]) throws(ConfigurationError) {
    let variables = Variables(environment)
    guard let worker = variables["ELENCO_WORKER_FUNCTION"] else {
      throw ConfigurationError(
        "ELENCO_WORKER_FUNCTION is not set. Set it to the name or ARN of the worker function.")
    }
    workerFunction = worker
    workerMemory = try variables.integer("ELENCO_WORKER_MEMORY", 128...10_240) ?? 128
    workerTimeout = try variables.integer("ELENCO_WORKER_TIMEOUT", 5...900) ?? 900
    lease = try LeaseTerms(environment: environment)
    var defaults = DispatcherEvent.Defaults()
    defaults.bucket = variables["ELENCO_BUCKET"]
    defaults.prefix = variables["ELENCO_PREFIX"] ?? RunDefaults.prefix
    defaults.sourceBucket = variables["ELENCO_SOURCE_BUCKET"] ?? defaults.bucket
    defaults.sourceKey = variables["ELENCO_SOURCE_KEY"]
    defaults.shards = try variables.integer("ELENCO_SHARDS", RunLimits.shards) ?? defaults.shards
    defaults.filmsPerFile =
      try variables.integer("ELENCO_FILMS_PER_FILE", RunLimits.filmsPerFile) ?? defaults.filmsPerFile
    defaults.requestsPerSecond =
      try variables.requestsPerSecond("ELENCO_REQUESTS_PER_SECOND") ?? defaults.requestsPerSecond
    defaults.rateScope = try variables.choice("ELENCO_RATE_SCOPE", RateScope.self) ?? .run
    defaults.lookup = try variables.choice("ELENCO_LOOKUP", LookupChoice.self) ?? .find
    defaults.refresh = try variables.choice("ELENCO_REFRESH", Refresh.self) ?? .all
    defaults.maxAgeDays =
      try variables.integer("ELENCO_MAX_AGE_DAYS", RunLimits.maxAgeDays) ?? defaults.maxAgeDays
    defaults.encoding = DataFileEncoding(
      try variables.choice("ELENCO_FORMAT", FileFormat.self) ?? .object,
      try variables.choice("ELENCO_COMPRESSION", FileCompression.self) ?? .uncompressed)
    // 0, the template's default, means one worker per shard.
    let workers = try variables.integer("ELENCO_WORKERS", 0...RunLimits.workers.upperBound) ?? 0
    defaults.workers = workers == 0 ? nil : workers
    self.defaults = defaults
  }
}

/// Typed access to environment variables. An empty variable counts as not set.
private struct Variables {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  subscript(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw invalid(name, "a whole number from \(range.lowerBound) to \(range.upperBound)", text)
    }
    return value
  }

  func requestsPerSecond(_ name: String) throws(ConfigurationError) -> Double? {
    guard let text = self[name] else { return nil }
    let (lowest, highest) = (RunLimits.requestsPerSecondMin, RunLimits.requestsPerSecond.upperBound)
    guard let value = Double(text), value == 0 || (lowest...highest).contains(value) else {
      throw invalid(name, "0, for no ceiling, or a number from \(lowest) to \(highest.plain)", text)
    }
    return value
  }

  func choice<Choice>(_ name: String, _ type: Choice.Type) throws(ConfigurationError) -> Choice?
  where Choice: CaseIterable & RawRepresentable<String> {
    guard let text = self[name] else { return nil }
    guard let value = Choice(rawValue: text) else {
      throw invalid(name, "one of \(type.allCases.map(\.rawValue).joined(separator: ", "))", text)
    }
    return value
  }

  private func invalid(_ name: String, _ expected: String, _ text: String) -> ConfigurationError {
    ConfigurationError("\(name) must be \(expected), not \"\(text.printable)\".")
  }
}
